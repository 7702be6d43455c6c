# With QUIRE_PRECOMPILE, the headers that nearly every source includes are parsed once, for all programs and libraries,
# and once more for all tests: a fifth of the whole time of compiling. A source still includes what it uses: builds
# without it find what is missing.
option(QUIRE_PRECOMPILE "Parse common headers once" OFF)

# quire_precompiled(TARGET HEADERS), where HEADERS is quire_headers or quire_test_headers.
function(quire_precompiled target headers)
  if(QUIRE_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${headers})
  endif()
endfunction()

if(QUIRE_PRECOMPILE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)  # without it ccache keeps nothing
    # GCC 12 forgets that the standard library's warnings about itself are nobody's: "text" + std::string is one.
    add_compile_options(-Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict)
  endif()
  add_compile_options(-fPIC)  # of programs too, which would have -fPIE: what is parsed once serves one of the two
  set(nothing ${CMAKE_BINARY_DIR}/nothing.cc)
  file(CONFIGURE OUTPUT ${nothing} CONTENT "")
  set(common <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <functional> <map> <memory> <mutex>
             <optional> <set> <string> <string_view> <unordered_map> <utility> <variant> <vector>
             <boost/system/result.hpp>)
  add_library(quire_headers OBJECT ${nothing})
  target_precompile_headers(quire_headers PRIVATE ${common})
  if(QUIRE_TESTS)
    find_package(GTest REQUIRED)
    add_library(quire_test_headers OBJECT ${nothing})
    target_compile_options(quire_test_headers PRIVATE ${QUIRE_TEST_FLAGS})
    target_link_libraries(quire_test_headers PRIVATE GTest::gtest)
    target_precompile_headers(quire_test_headers PRIVATE ${common} <gtest/gtest.h> <rapidcheck.h> <rapidcheck/gtest.h>)
  endif()
endif()
