/* help.c: prints the options that a command takes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"
#include <mptcpscope/plot.h>

static void print_picture_options(void)
{
    char *names = mps_names_text(mps_plot_names());
    printf("  KIND is one of: %s\n\n"
           "  -o, --output PATH      the image, which ends in .svg, .png or .pdf\n"
           "      --data PATH        also write the numbers that are drawn, as csv\n"
           "      --xplot PATH       also write it for xplot: kinds dsn, rtt and inflight\n"
           "      --direction DIR    only the data of c2s or s2c\n",
           names);
    g_free(names);
}

static void print_interval(const mps_command *command)
{
    printf("      --interval S       %s\n",
           command->draws ? "plot rate: length of an interval in seconds (default: by the duration)"
           : command->takes_report_name
               ? "report series: length of an interval in seconds (default 1);\n"
                 "                         report critical-path: also the classes of each interval"
               : "also write figures for each interval of S seconds");
}

void mps_cli_print_help(const mps_command *command)
{
    printf("Usage: mptcpscope %s [OPTION]... %s\n%s\n\n", command->name, command->arguments,
           command->summary);
    if (command->takes_report_name) {
        puts("NAME is one of:");
        mps_report_list(2, stdout);
        putchar('\n');
    }
    if (command->draws)
        print_picture_options();
    else if (command->is_page)
        puts("  -o, --output PATH      the page");
    else
        puts("  -f, --format FORMAT    text (default), csv or json\n"
             "  -o, --output PATH      write to PATH instead of standard output");
    if (command->takes_connection)
        printf("  -c, --connection N     only this connection%s%s\n",
               command->takes_report_name || command->draws ? "" : " (numbered as in A)",
               command->draws || command->takes_range ? "; default: the first with most data" : "");
    if (command->takes_interval)
        print_interval(command);
    if (command->takes_by)
        puts("      --by WHAT          one row per subflow (default) or connection, in csv and in\n"
             "                         intervals");
    if (command->takes_clock)
        printf("      --clock MODE       none%s: do not correct the clocks; offset%s: correct\n"
               "                         B's by the estimated offset; skew: by offset and skew\n",
               command->clock == MPS_CLOCK_NONE ? " (default)" : "",
               command->clock == MPS_CLOCK_OFFSET ? " (default)" : "");
    if (command->takes_path) {
        const char *of = command->takes_report_name ? "report critical-path: " : "";
        printf("      --direction DIR    %sonly the paths of c2s or s2c\n"
               "      --end SUBFLOW      %sthe paths that end with the last data of\n"
               "                         this subflow\n"
               "      --pieces           %salso write every piece of the paths\n",
               of, of, of);
    }
    if (command->takes_report_name)
        puts("      --zeros            report mib: text also has the counters that are 0");
    if (command->takes_range)
        puts("      --subflow N        only this subflow of the connection\n"
             "      --from T           only from T on, seconds since the connection's first frame\n"
             "      --to T             only until T, likewise");
    if (command->takes_near)
        printf(
            "      --near WHERE       where %s was captured, for those who know better: client,\n"
            "                         server%s or the address of a host\n",
            command->takes_report_name ? "FILE" : "A",
            command->takes_report_name ? ", middle" : "");
    if (command->takes_packets)
        puts("      --packets PATH     write every matched pair of segments to PATH, as csv");
    if (command->tables) {
        char *names = mps_names_text(command->tables());
        printf("      --table NAME       write only this table, as text or csv (json has all):\n"
               "                         %s\n",
               names);
        g_free(names);
    }
    puts(
        "      --strict           a FILE that is cut off is an error; otherwise what was whole is\n"
        "                         used, with a warning\n"
        "  -h, --help             show this help");
}
