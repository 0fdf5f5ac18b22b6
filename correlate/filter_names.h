/* SPDX-License-Identifier: MIT */
/*
 * filter_names.h - is a process meant by what the user typed for --process? Inside
 * correlate only.
 */
#ifndef CORRELATE_FILTER_NAMES_H
#define CORRELATE_FILTER_NAMES_H

#include <stdbool.h>

/*
 * `wanted` is a file name, with or without .exe, or with a separator (\ or /) in it the
 * full path. `*` stands for any characters, `?` for one. Letters of both cases are the
 * same: ASCII, Latin, Greek and Cyrillic ones, as in file names of Windows.
 *
 * A path with a drive letter is also the path on any volume that Windows names
 * \Device\HarddiskVolumeN, because a trace does not say which letter that volume has.
 * `name` and `path` may be "": not known.
 */
bool corr_process_is_meant(const char *wanted, const char *name, const char *path);

#endif
