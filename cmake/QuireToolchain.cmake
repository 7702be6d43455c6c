# Compiler and linker settings that every target shares.
find_program(QUIRE_CCACHE ccache)
if(QUIRE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${QUIRE_CCACHE})
endif()
find_program(QUIRE_MOLD mold)
if(QUIRE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                    -Wimplicit-fallthrough -Werror -fno-omit-frame-pointer)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  add_link_options(-Wl,-z,relro,-z,now)
endif()

if(CMAKE_UNITY_BUILD)
  # Sources are compiled eight at a time, so that the headers that they share are parsed once. What one of them names is
  # in the way of its neighbours' locals only here, and an included source is no header, whose types would differ
  # between its users. A source still stands alone: builds without it find what is missing.
  add_compile_options(-Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()

set(QUIRE_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread")
if(QUIRE_SANITIZE)
  add_compile_options(-fsanitize=${QUIRE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${QUIRE_SANITIZE})
endif()
if(QUIRE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 takes the sanitizers' own code in std::regex and std::optional for reads of what was never written.
  add_compile_options(-Wno-maybe-uninitialized)
endif()
if(QUIRE_SANITIZE MATCHES "undefined" AND NOT QUIRE_FUZZ)
  # A check before every use of a pointer: half of the whole time of compiling, for null pointers, which end the process
  # anyway, and for alignment, which loads by memcpy never break. The fuzz programs have both.
  add_compile_options(-fno-sanitize=null,alignment,object-size,vptr)
endif()
if(QUIRE_SANITIZE STREQUAL "thread")
  # ThreadSanitizer does not see fences; Asio's are beside locks that it does see.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()

if(QUIRE_FUZZ)
  # Counts edges everywhere; only the fuzz programs link libFuzzer's main.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Tests are many small templates (RapidCheck's), which take the compiler long and the processor no time: 45 s for a
# file of ten properties under both sanitizers at -O1, 11 s so. What they call is compiled as ever.
set(QUIRE_TEST_FLAGS -O0)
if(QUIRE_SANITIZE MATCHES "undefined")
  list(APPEND QUIRE_TEST_FLAGS -fno-sanitize=undefined)
endif()
