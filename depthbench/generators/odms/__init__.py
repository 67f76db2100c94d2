# SPDX-License-Identifier: Apache-2.0
"""Object depth from motion and masks: an endless stream of drawn objects that a camera comes nearer to (ODMS).

An object is a closed contour of cubic Bezier curves. Seen from n distances it becomes n masks of 480x640; a mask is **every pixel
that the contour touches and all that they enclose**. That rule is the data set: it makes masks 15 % larger than the contour's
own area, the smaller the object the more, and with it the analytic estimate errs by 7.9 %; filling pixels whose centre lies
inside gives other data, on which the same estimate errs by 1.5 %. A network sees the masks reduced to 112x112.

Sample k is a pure function of the configuration and k: :mod:`.random_numbers`, :mod:`.objects` (contours), :mod:`.scene` (what is
drawn where), :mod:`.raster` (masks), :mod:`.stream` (PyTorch), :mod:`.folder` (fixed sets).

Source: Griffin and Corso, Learning Object Depth from Camera Motion and Video Object Segmentation, ECCV 2020, equations 15 to 20.
"""
