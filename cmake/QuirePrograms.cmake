# quire_fuzz(NAME LIBRARIES lib...)
# NAME_fuzz.cc holds one LLVMFuzzerTestOneInput. With QUIRE_FUZZ it becomes the libFuzzer program NAME_fuzz; otherwise
# a program that only replays the kept inputs of corpus/NAME, and the unit test fuzz.NAME that runs it.
function(quire_fuzz name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  if(QUIRE_FUZZ)
    add_executable(${name}_fuzz ${name}_fuzz.cc)
    target_link_libraries(${name}_fuzz PRIVATE ${ARG_LIBRARIES})
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  elseif(QUIRE_TESTS)
    add_executable(${name}_replay ${name}_fuzz.cc replay.cc)
    target_link_libraries(${name}_replay PRIVATE ${ARG_LIBRARIES})
    add_test(NAME fuzz.${name}${QUIRE_TEST_SUFFIX} COMMAND ${name}_replay ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    set_tests_properties(fuzz.${name}${QUIRE_TEST_SUFFIX} PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()

# quire_bench(NAME LIBRARIES lib...)
# NAME_bench.cc is a program of its own with a main, which prints a table and, asked with --json FILE, writes it down.
function(quire_bench name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  add_executable(${name}_bench ${name}_bench.cc)
  target_link_libraries(${name}_bench PRIVATE ${ARG_LIBRARIES})
endfunction()
