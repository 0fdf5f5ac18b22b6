/* SPDX-License-Identifier: MIT */
/*
 * timeline_page.h - the page of a timeline around its data: made from pcapout/page by
 * the build (cmake/embed_page.cmake). Inside pcapout only.
 */
#ifndef PCAPOUT_TIMELINE_PAGE_H
#define PCAPOUT_TIMELINE_PAGE_H

/* Rows, and connections, that a page holds at most; what comes later is counted. A page
 * of so many rows opens in about a second. */
#define TIMELINE_PAGE_ROWS 50000u

/* Ends inside of the element that holds the object of the trace. */
extern const char timeline_page_head[];
/* Begins inside of the element that holds what stands behind the rows. */
extern const char timeline_page_tail[];

#endif
