# SPDX-License-Identifier: Apache-2.0
"""A slanted wall with a ball before it, seen by views in an arc with exact depth; and the published fusion written plainly."""

from __future__ import annotations

import numpy as np

from depthbench.fusion.consistency import DepthView

NORMAL, OFFSET = np.array([0.15, -0.1, -1.0]), -7.0
CENTRE, RADIUS = np.array([0.2, 0.1, 4.5]), 0.9


def look_at(eye: np.ndarray, target: np.ndarray) -> np.ndarray:
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross([0.0, 1.0, 0.0], forward)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = [right, np.cross(forward, right), forward]
    pose[:3, 3] = -pose[:3, :3] @ eye
    return pose


def exact_depth(width: int, height: int, k: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Planar depth of the nearer of wall and ball, float64."""
    y, x = np.indices((height, width), dtype=np.float64)
    rays = np.stack([x, y, np.ones_like(x)], axis=-1) @ np.linalg.inv(k).T @ pose[:3, :3]
    eye = -pose[:3, :3].T @ pose[:3, 3]
    wall = (OFFSET - NORMAL @ eye) / (rays @ NORMAL)
    a, b, c = (rays**2).sum(-1), rays @ (eye - CENTRE), (eye - CENTRE) @ (eye - CENTRE) - RADIUS**2
    root = b * b - a * c
    ball = np.where(root > 0, (-b - np.sqrt(np.maximum(root, 0))) / a, np.inf)
    return np.minimum(wall, ball)


def views(count: int = 6, width: int = 64, height: int = 48, noise: float = 0.0, seed: int = 0) -> list[DepthView]:
    """Views in an arc; relative noise of the depth, and 2 % of it unknown (0) where there is noise."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        turn = (number - (count - 1) / 2) * 0.12
        eye = np.array([3 * np.sin(turn), 0.3 * np.cos(3 * number), 2 - 2 * np.cos(turn)])
        k = np.array([[1.1 * width, 0, width / 2 - 0.5], [0, 1.1 * width, height / 2 - 0.2], [0, 0, 1]])
        pose = look_at(eye, np.array([0.1, 0.0, 5.5]))
        depth = exact_depth(width, height, k, pose)
        depth *= 1 + noise * rng.standard_normal(depth.shape)
        if noise:
            depth[rng.random(depth.shape) < 0.02] = 0
        made.append(DepthView(depth.astype(np.float32), k, pose))
    return made


def published(view: DepthView, sources: list[DepthView]) -> tuple[np.ndarray, np.ndarray]:
    """The loop of MVSNet_pytorch's eval.py: 1 px, 1 %, three views, mean; cv2.remap with 0 outside; nothing else is checked."""
    import cv2

    k, e, depth = view.intrinsics, view.world_to_cam, view.depth
    height, width = depth.shape
    x_ref, y_ref = np.meshgrid(np.arange(width), np.arange(height))
    agreed, total = np.zeros(depth.shape, int), np.zeros(depth.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        for source in sources:
            pixels = np.vstack([x_ref.ravel(), y_ref.ravel(), np.ones(x_ref.size)])
            xyz = np.linalg.inv(k) @ (pixels * depth.ravel())
            relative = source.world_to_cam @ np.linalg.inv(e)
            xyz_src = (relative @ np.vstack([xyz, np.ones(x_ref.size)]))[:3]
            seen = source.intrinsics @ xyz_src
            x_src = (seen[0] / seen[2]).reshape(depth.shape).astype(np.float32)
            y_src = (seen[1] / seen[2]).reshape(depth.shape).astype(np.float32)
            sampled = cv2.remap(source.depth, x_src, y_src, interpolation=cv2.INTER_LINEAR)
            pixels = np.vstack([x_src.ravel(), y_src.ravel(), np.ones(x_ref.size)])
            xyz_src = np.linalg.inv(source.intrinsics) @ (pixels * sampled.ravel())
            xyz = (np.linalg.inv(relative) @ np.vstack([xyz_src, np.ones(x_ref.size)]))[:3]
            back = xyz[2].reshape(depth.shape)
            seen = k @ xyz
            x_back, y_back = ((seen[i] / seen[2]).reshape(depth.shape) for i in range(2))
            distance = np.sqrt((x_back - x_ref) ** 2 + (y_back - y_ref) ** 2)
            mask = (distance < 1) & (np.abs(back - depth) / depth < 0.01)
            agreed += mask
            total += np.where(mask, back, 0)
        return agreed >= 3, (total + depth) / (agreed + 1)
