# SPDX-License-Identifier: Apache-2.0
"""Training, for every model alike: steps, checkpoints, validation. What is the model's own is its :class:`~.recipe.Recipe`.

To add one: a file with a class like :class:`~.recipe.Recipe`, its presets, and one line in :data:`RECIPES`.
"""

RECIPES = {
    "hybriddepth": "depthbench.baselines.hybriddepth_training.recipe:HybridRecipe",
    "icm-depth": "depthbench.baselines.icm_depth_training.recipe:IcmRecipe",
    "odn-l": "depthbench.baselines.odn_training.recipe:OdnL",
    "odn-lp": "depthbench.baselines.odn_training.recipe:OdnLp",
    "odn-lr": "depthbench.baselines.odn_training.recipe:OdnLr",
    "odn-dbar": "depthbench.baselines.odn_training.recipe:OdnDbar",
    "odn-dbarp": "depthbench.baselines.odn_training.recipe:OdnDbarp",
    "odn-d": "depthbench.baselines.odn_training.recipe:OdnD",
    "odn-dp": "depthbench.baselines.odn_training.recipe:OdnDp",
    "pbs-mvsnet": "depthbench.baselines.pbs_training.recipe:PbsRecipe",
    "s2m2": "depthbench.baselines.stereo_training.recipe:Unconditioned",
    "s2m2-focus": "depthbench.baselines.stereo_training.recipe:Steered",
    "size-net": "depthbench.baselines.size_net_training.recipe:SizeNetRecipe",
}
