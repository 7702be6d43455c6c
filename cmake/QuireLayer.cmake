# quire_layer(NAME DEPENDS layer... LIBRARIES lib... TEST_LIBRARIES lib...)
# One folder under src/ is one static library, quire_NAME: its *.cc files and those of its folders. Every *_test.cc
# among them goes into one GoogleTest program, NAME_test. The other files of testing/ are helpers for tests, here
# and in higher layers: quire_NAME_testing.
# DEPENDS names lower layers; LIBRARIES are foreign libraries, which nobody above sees; TEST_LIBRARIES are helpers of
# lower layers that the tests and helpers of this one use.
function(quire_layer name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES;TEST_LIBRARIES" ${ARGN})
  # Relative, so that it does not matter what the folders above the tree are called.
  file(GLOB sources RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS *.cc */*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  set(helpers ${sources})
  list(FILTER sources EXCLUDE REGEX "^(testing|main)/")
  list(FILTER helpers INCLUDE REGEX "^testing/")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")

  list(TRANSFORM ARG_DEPENDS PREPEND quire_)
  if(sources)
    add_library(quire_${name} STATIC ${sources})
    target_include_directories(quire_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(quire_${name} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_LIBRARIES})
    quire_precompiled(quire_${name} quire_headers)
  else()
    add_library(quire_${name} INTERFACE)
    target_include_directories(quire_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(quire_${name} INTERFACE ${ARG_DEPENDS} ${ARG_LIBRARIES})
  endif()

  if(helpers AND QUIRE_TESTS)
    add_library(quire_${name}_testing STATIC ${helpers})
    target_link_libraries(quire_${name}_testing PUBLIC quire_${name} ${ARG_TEST_LIBRARIES} PRIVATE ${ARG_LIBRARIES})
    quire_precompiled(quire_${name}_testing quire_headers)
    list(APPEND ARG_TEST_LIBRARIES quire_${name}_testing)
  endif()
  if(tests AND QUIRE_TESTS)
    quire_test(${name} SOURCES ${tests} LIBRARIES quire_${name} ${ARG_TEST_LIBRARIES})
  endif()
endfunction()

# quire_test(NAME SOURCES file... LIBRARIES lib... [LABELS label...] [TIMEOUT seconds])
# A GoogleTest program NAME_test and the ctest test NAME, which runs in the root of the source tree. Without a label
# of its own it is a unit test, and so runs under the sanitizers too.
function(quire_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  find_package(GTest REQUIRED)
  add_executable(${name}_test ${ARG_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main rapidcheck)
  target_compile_options(${name}_test PRIVATE ${QUIRE_TEST_FLAGS})
  quire_precompiled(${name}_test quire_test_headers)
  add_test(NAME ${name}${QUIRE_TEST_SUFFIX} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  # The longest history, for what has lost its stack is not known for RocksDB's.
  set(tsan_options "suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan.supp:die_after_fork=0:history_size=7")
  set_tests_properties(${name}${QUIRE_TEST_SUFFIX} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
                       ENVIRONMENT "TSAN_OPTIONS=${tsan_options}")
endfunction()
