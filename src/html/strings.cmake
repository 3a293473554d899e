# strings.cmake: writes files as arrays of C, each ended by a zero, so that a program holds them.
#
# usage: cmake -DFILES="PATH;..." -DTARGET=FILE.c -P strings.cmake
#
# SPDX-License-Identifier: GPL-2.0-or-later
set(code "/* Made by strings.cmake. */\n#include \"html/strings.h\"\n\n")
foreach(file IN LISTS FILES)
    get_filename_component(name ${file} NAME)
    string(REPLACE "." "_" name ${name})
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1, " bytes "${bytes}")
    string(APPEND code "const char mps_html_${name}[] = {${bytes}0};\n")
endforeach()
file(WRITE ${TARGET} "${code}")
