# SPDX-License-Identifier: Apache-2.0
"""Training, for every model alike: steps, checkpoints, validation. What is the model's own is its :class:`~.recipe.Recipe`.

To add one: a file with a class like :class:`~.recipe.Recipe`, its presets, and one line in :data:`RECIPES`.
"""

RECIPES = {
    "s2m2": "depthbench.baselines.stereo_training.recipe:Unconditioned",
    "s2m2-focus": "depthbench.baselines.stereo_training.recipe:Steered",
}
