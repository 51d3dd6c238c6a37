# How everything of ours is compiled. Packagers get their own flags and nothing but warnings on top;
# CMakePresets.json turns on what developers want.

option(HUBKEEP_WERROR "Treat warnings as errors" OFF)
option(HUBKEEP_PCH "Precompile the headers that nearly every file includes" ON)
option(HUBKEEP_CCACHE "Compile through ccache if it is installed" ON)
option(HUBKEEP_MOLD "Link with mold if it is installed" ON)
set(HUBKEEP_SANITIZE "" CACHE STRING "Sanitizers to build with, as in -fsanitize=: address,undefined")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()

if(HUBKEEP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    find_program(HUBKEEP_CCACHE_PROGRAM ccache)
    mark_as_advanced(HUBKEEP_CCACHE_PROGRAM)
    if(HUBKEEP_CCACHE_PROGRAM)
        # ccache caches nothing that uses a precompiled header unless it may trust the header's
        # time stamp and macros; CMake rebuilds the header whenever either would matter.
        set(CMAKE_CXX_COMPILER_LAUNCHER
            "${CMAKE_COMMAND}" -E env
            CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
            "${HUBKEEP_CCACHE_PROGRAM}")
        if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND HUBKEEP_PCH)
            add_compile_options(-fpch-preprocess)
        endif()
    endif()
endif()

if(HUBKEEP_MOLD)
    find_program(HUBKEEP_MOLD_PROGRAM mold)
    mark_as_advanced(HUBKEEP_MOLD_PROGRAM)
    if(HUBKEEP_MOLD_PROGRAM)
        include(CheckCXXSourceCompiles)
        # g++ knows the option since 12.1.
        set(CMAKE_REQUIRED_LINK_OPTIONS -fuse-ld=mold)
        check_cxx_source_compiles("int main() { return 0; }" HUBKEEP_MOLD_WORKS)
        unset(CMAKE_REQUIRED_LINK_OPTIONS)
        if(HUBKEEP_MOLD_WORKS)
            add_link_options(-fuse-ld=mold)
        endif()
    endif()
endif()

if(HUBKEEP_SANITIZE)
    # Everywhere, so that no inlined function of a library is built without.
    add_compile_options(
        "-fsanitize=${HUBKEEP_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options("-fsanitize=${HUBKEEP_SANITIZE}")
endif()

# Every target of ours links this, and nothing else is told to the compiler in more than one place.
add_library(hubkeep_options INTERFACE)
add_library(hubkeep::options ALIAS hubkeep_options)
# Includes are written from the repository root.
target_include_directories(hubkeep_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(hubkeep_options INTERFACE
    -Wall -Wextra -Wshadow $<$<BOOL:${HUBKEEP_WERROR}>:-Werror>)
target_compile_definitions(hubkeep_options INTERFACE
    QT_NO_CAST_FROM_ASCII
    HUBKEEP_VERSION="${PROJECT_VERSION}"
)
target_link_libraries(hubkeep_options INTERFACE Qt6::Core)

if(HUBKEEP_PCH)
    # One header for all targets: g++ takes it only where the flags are the same, and they are.
    file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/pch.cpp"
        CONTENT "// Precompiling headers needs a target, and a target needs a source.\n")
    add_library(hubkeep_pch STATIC "${CMAKE_BINARY_DIR}/pch.cpp")
    target_link_libraries(hubkeep_pch PRIVATE hubkeep::options)
    target_precompile_headers(hubkeep_pch PRIVATE
        <QByteArray>
        <QDateTime>
        <QDir>
        <QFile>
        <QHash>
        <QJsonArray>
        <QJsonDocument>
        <QJsonObject>
        <QList>
        <QString>
        <QStringList>
        <algorithm>
        <atomic>
        <chrono>
        <functional>
        <map>
        <memory>
        <optional>
        <string>
        <utility>
        <variant>
        <vector>
    )
endif()

# hubkeep_compile(<target>): compiles target as ours.
function(hubkeep_compile target)
    target_link_libraries(${target} PRIVATE hubkeep::options)
    # No <target>_EXPORTS for shared libraries: the precompiled header was made without it.
    set_target_properties(${target} PROPERTIES DEFINE_SYMBOL "")
    if(HUBKEEP_PCH)
        target_precompile_headers(${target} REUSE_FROM hubkeep_pch)
    endif()
endfunction()
