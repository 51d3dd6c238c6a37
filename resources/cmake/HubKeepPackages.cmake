# What HubKeep is built from. Each is required only by the targets that name it; the packages that
# provide them are listed in resources/packages.txt.

find_package(Threads REQUIRED)
find_package(Qt6 6.4 REQUIRED COMPONENTS Core Concurrent DBus HttpServer Network Sql WebSockets)
if(BUILD_TESTING)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Test)
    # A peer that has to read our archives.
    find_package(QuaZip-Qt6 REQUIRED CONFIG)
endif()
option(HUBKEEP_DESKTOP "Build hubkeep-desktop, the window" ON)
if(HUBKEEP_DESKTOP)
    find_package(Qt6 6.4 REQUIRED COMPONENTS LinguistTools Qml Quick QuickControls2 Widgets)
    find_package(Qt6Keychain REQUIRED CONFIG)
endif()
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(CLI11 REQUIRED CONFIG)
find_package(yaml-cpp REQUIRED CONFIG)

# RapidJSON is headers only, and not every version of it comes with a CMake configuration.
find_path(HUBKEEP_RAPIDJSON_INCLUDE_DIR rapidjson/reader.h DOC "The folder that rapidjson/ is in")
if(NOT HUBKEEP_RAPIDJSON_INCLUDE_DIR)
    message(FATAL_ERROR "rapidjson/reader.h was not found. Install RapidJSON (rapidjson-dev), or "
        "set HUBKEEP_RAPIDJSON_INCLUDE_DIR to the folder that rapidjson/ is in.")
endif()
add_library(hubkeep_rapidjson INTERFACE)
# SYSTEM: its headers do not pass our warnings.
target_include_directories(hubkeep_rapidjson SYSTEM INTERFACE "${HUBKEEP_RAPIDJSON_INCLUDE_DIR}")
add_library(hubkeep::rapidjson ALIAS hubkeep_rapidjson)

find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode)

# libharu comes without a pkg-config file.
find_library(HUBKEEP_HPDF_LIBRARY hpdf DOC "libharu, which writes PDFs")
find_path(HUBKEEP_HPDF_INCLUDE_DIR hpdf.h DOC "The folder that hpdf.h is in")
if(NOT HUBKEEP_HPDF_LIBRARY OR NOT HUBKEEP_HPDF_INCLUDE_DIR)
    message(FATAL_ERROR "libharu was not found. Install it (libhpdf-dev), or set "
        "HUBKEEP_HPDF_LIBRARY and HUBKEEP_HPDF_INCLUDE_DIR.")
endif()
add_library(hubkeep_hpdf INTERFACE)
target_include_directories(hubkeep_hpdf SYSTEM INTERFACE "${HUBKEEP_HPDF_INCLUDE_DIR}")
target_link_libraries(hubkeep_hpdf INTERFACE "${HUBKEEP_HPDF_LIBRARY}")
add_library(hubkeep::hpdf ALIAS hubkeep_hpdf)

# ISA-L exists for some processors only; where it does not, zlib compresses.
pkg_check_modules(ISAL QUIET IMPORTED_TARGET libisal)
if(ISAL_FOUND)
    set(isal_found ON)
else()
    set(isal_found OFF)
endif()
option(HUBKEEP_WITH_ISAL "Compress with ISA-L; without it, zlib does" ${isal_found})
if(HUBKEEP_WITH_ISAL AND NOT TARGET PkgConfig::ISAL)
    message(FATAL_ERROR "HUBKEEP_WITH_ISAL is on, but pkg-config finds no libisal. "
        "Install ISA-L (libisal-dev) and pkg-config, or configure with -DHUBKEEP_WITH_ISAL=OFF.")
endif()
if(HUBKEEP_WITH_ISAL)
    message(STATUS "Deflate: ISA-L ${ISAL_VERSION}, and zlib")
else()
    message(STATUS "Deflate: zlib")
endif()
