# Fuzz targets. With MPTCPSCOPE_FUZZ they are libFuzzer programs, each of which looks for findings
# for 40 seconds. Otherwise they run on their corpus, quickly, with whatever sanitizers the build has.
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
set(FUZZ_CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus)
set(FUZZ_SECONDS 40 CACHE STRING "How long each libFuzzer target runs as a test")

# mps_fuzz_target(NAME SOURCE...): a program, fuzz/fuzz_NAME.c.
function(mps_fuzz_target name)
    add_executable(fuzz_${name} fuzz/fuzz_${name}.c ${ARGN})
    target_link_libraries(fuzz_${name} PRIVATE
        mptcpscope-core mptcpscope-options PkgConfig::CMOCKA PkgConfig::JANSSON)
    if(MPTCPSCOPE_FUZZ)
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    else()
        target_sources(fuzz_${name} PRIVATE fuzz/replay.c)
    endif()
endfunction()

# mps_fuzz_test(NAME TARGET LENGTH FILE...): runs a target on corpus/NAME; without a fuzzer on other
# files, too. LENGTH: of the longest input.
function(mps_fuzz_test name target length)
    if(MPTCPSCOPE_FUZZ)
        set(found ${CMAKE_CURRENT_BINARY_DIR}/found/${name})
        file(MAKE_DIRECTORY ${found})
        add_test(NAME fuzz/${name} COMMAND fuzz_${target}
            -max_total_time=${FUZZ_SECONDS} -max_len=${length} -timeout=60 -rss_limit_mb=2048
            -seed=1 -print_final_stats=1 -artifact_prefix=${found}- ${found} ${FUZZ_CORPUS}/${name})
    else()
        file(GLOB inputs ${FUZZ_CORPUS}/${name}/*)
        add_test(NAME fuzz/${name} COMMAND fuzz_${target} ${inputs} ${ARGN})
    endif()
endfunction()

mps_fuzz_target(segment)
mps_fuzz_target(file fuzz/oracles.c)
mps_fuzz_target(two fuzz/oracles.c)
mps_fuzz_target(traffic fuzz/oracles.c unit/packets.c)
file(GLOB CAPTURE_FILES ${PROJECT_SOURCE_DIR}/captures/*/*.pcapng)
mps_fuzz_test(segment segment 256 ${CAPTURE_FILES})
mps_fuzz_test(capture file 8192)
mps_fuzz_test(dump file 8192)
mps_fuzz_test(two two 16384)
mps_fuzz_test(traffic traffic 1024)
