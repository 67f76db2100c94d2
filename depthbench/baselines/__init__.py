# SPDX-License-Identifier: Apache-2.0
"""Models that come with depthbench, one file or folder each. To add one: a class like
:class:`depthbench.tasks.Model` and one line in :data:`MODELS`.

Models from elsewhere need no line here: ``--model path/to/file.py:Class``, or an installed package with an entry point in
the group ``depthbench.models``.
"""

MODELS = {
    "odn-l": "depthbench.baselines.odn.model:OdnL",
    "odn-lp": "depthbench.baselines.odn.model:OdnLp",
    "odn-lr": "depthbench.baselines.odn.model:OdnLr",
    "odn-dbar": "depthbench.baselines.odn.model:OdnDbar",
    "odn-dbarp": "depthbench.baselines.odn.model:OdnDbarp",
    "odn-d": "depthbench.baselines.odn.model:OdnD",
    "odn-dp": "depthbench.baselines.odn.model:OdnDp",
    "constant": "depthbench.baselines.constant_depth:ConstantDepth",
    "ground-plane": "depthbench.baselines.ground_plane:GroundPlane",
    "median-depth": "depthbench.baselines.median_depth:MedianDepth",
    "focus-measure": "depthbench.baselines.focus_measure.model:FocusMeasure",
    "hybriddepth": "depthbench.baselines.hybriddepth.model:HybridDepthModel",
    "pbs-mvsnet": "depthbench.baselines.pbs_mvsnet.model:PbsMvsnet",
    "plane-sweep": "depthbench.baselines.plane_sweep.model:PlaneSweep",
    "icm-depth": "depthbench.baselines.icm_depth.model:IcmDepthModel",
    "s2m2": "depthbench.baselines.s2m2.model:S2M2Model",
    "s2m2-focus": "depthbench.baselines.s2m2_focus.model:S2M2FocusModel",
    "size-net": "depthbench.baselines.size_net.model:SizeNetModel",
    "sgbm": "depthbench.baselines.sgbm:SGBM",
    "vos-de": "depthbench.baselines.vos_de:VosDe",
    "vos-de-two-view": "depthbench.baselines.vos_de:TwoView",
    "vos-de-unbiased": "depthbench.baselines.vos_de:UnbiasedVosDe",
}
