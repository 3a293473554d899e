/* strings.h: the files of page/, as strings that strings.cmake makes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_HTML_STRINGS_H
#define MPS_HTML_STRINGS_H

extern const char mps_html_page_css[];
extern const char mps_html_tables_js[], mps_html_curves_js[], mps_html_pictures_js[],
    mps_html_paths_js[], mps_html_page_js[];

#endif
