/* SPDX-License-Identifier: MIT */
#include "cli/verbs.h"
#include "etw/platform/platform.h"

int main(int argc, char **argv)
{
    platform_prepare(&argc, &argv);
    return (int)cli_run(argc, argv);
}
