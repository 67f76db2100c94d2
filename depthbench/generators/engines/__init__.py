# SPDX-License-Identifier: Apache-2.0
"""Engines: where and how units of work are done. One file per engine; all of them end in the same worker process.

A *unit* (a scene, a slice) names a function and a job of plain data; the function makes one shard that appears whole or not at
all, and skips what is there already. Finished shards are the resume state; beside them lies a JSON sidecar per unit
(:mod:`.sidecar`) that tells state, attempts, machine and timings. To add an engine: one file with a function like
:func:`depthbench.generators.engines.here.run`, and one line in :data:`depthbench.generators.engines.choice.ENGINES`.
"""
