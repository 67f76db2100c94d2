# SPDX-License-Identifier: Apache-2.0
"""HybridDepth: metric depth from a focal stack and a relative depth map (Ganj et al., ISMAR 2024), each stage usable by itself.

- :mod:`.dfv`: depth from focus by a differential focus volume (:mod:`.resnet`, :mod:`.features`, :mod:`.volume`, :mod:`.decoder`);
- :mod:`.depth_anything`: relative depth of one picture (:mod:`.vit`); any other module in its place;
- :mod:`.alignment`: the least squares between them, in closed form, and the scale map;
- :mod:`.midas`: the refinement (:mod:`.efficientnet`), and a small relative-depth network of our own;
- :mod:`.network`: all of it; :mod:`.settings`: its sizes, and what its numbers mean; :mod:`.losses`.

Written from a description, in our own words; sizes and names of parameters are those of the authors' checkpoints.
"""
