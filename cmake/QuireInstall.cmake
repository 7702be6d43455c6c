# libquire, static and shared, and what find_package(Quire) and pkg-config have to know of it.
# Called where quire_embed is made; the layers below it exist already.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(layers base document storage database access query replication engine embed)
set(objects)
set(foreign_libraries)
foreach(layer IN LISTS layers)
  list(APPEND objects $<TARGET_OBJECTS:quire_${layer}>)
  get_target_property(libraries quire_${layer} LINK_LIBRARIES)
  foreach(library IN LISTS libraries)
    # A package's target is named as its library here: fmt::fmt is -lfmt.
    string(REGEX REPLACE ".*::" "" library "${library}")
    if(library AND NOT library MATCHES "^quire_")
      list(APPEND foreign_libraries ${library})
    endif()
  endforeach()
endforeach()
list(APPEND foreign_libraries pthread)
list(REMOVE_DUPLICATES foreign_libraries)

add_library(quire_static STATIC ${objects})
target_link_libraries(quire_static INTERFACE ${foreign_libraries})

# Of the shared library only the public names are seen, whatever is linked into it.
add_library(quire_shared SHARED $<TARGET_OBJECTS:quire_embed>)
target_link_libraries(quire_shared PRIVATE quire_engine)
target_link_options(quire_shared PRIVATE -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/quire.map)
set_target_properties(quire_shared PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
  LINK_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/quire.map)

foreach(kind static shared)
  target_include_directories(quire_${kind} INTERFACE
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(quire_${kind} INTERFACE cxx_std_17)
  set_target_properties(quire_${kind} PROPERTIES OUTPUT_NAME quire LINKER_LANGUAGE CXX)
endforeach()
set_target_properties(quire_shared PROPERTIES EXPORT_NAME quire)

install(TARGETS quire_static quire_shared EXPORT QuireTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/quire DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)

set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/Quire)
install(EXPORT QuireTargets NAMESPACE Quire:: DESTINATION ${package_directory} COMPONENT library)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/QuireConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/QuireConfig.cmake INSTALL_DESTINATION ${package_directory})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/QuireConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/QuireConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/QuireConfigVersion.cmake
  DESTINATION ${package_directory} COMPONENT library)

list(TRANSFORM foreign_libraries PREPEND "-l" OUTPUT_VARIABLE QUIRE_LIBS_PRIVATE)
list(JOIN QUIRE_LIBS_PRIVATE " " QUIRE_LIBS_PRIVATE)
# From the file itself, so that what is installed can be moved.
file(RELATIVE_PATH QUIRE_PREFIX_FROM_PC /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${CMAKE_SOURCE_DIR}/cmake/quire.pc.in ${CMAKE_CURRENT_BINARY_DIR}/quire.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/quire.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
