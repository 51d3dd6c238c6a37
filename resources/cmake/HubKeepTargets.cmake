# The functions that the folders' CMakeLists.txt files call.

# hubkeep_library(<name> [FOLDERS <folder>…] [EXCLUDE <file>…] [LINK <target>…] [DEFINE <NAME=value>…]
#                 [AUTOMOC])
#
# Makes the library hubkeep_<name>, also known as hubkeep::<name>, of the .cpp files in the current
# folder and in its subfolders FOLDERS, leaving out those EXCLUDEd. LINK and DEFINE hold for its users
# as well. AUTOMOC is for libraries with QObjects. It is static but where BUILD_SHARED_LIBS is on, as
# in developers' presets; as long as there is no .cpp file it is a library of headers.
function(hubkeep_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "AUTOMOC" "" "FOLDERS;EXCLUDE;LINK;DEFINE")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "hubkeep_library(${name}): unknown argument ${arg_UNPARSED_ARGUMENTS}")
    endif()

    set(patterns *.cpp)
    foreach(folder IN LISTS arg_FOLDERS)
        list(APPEND patterns "${folder}/*.cpp")
    endforeach()
    file(GLOB sources CONFIGURE_DEPENDS
        RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" LIST_DIRECTORIES OFF ${patterns})
    list(REMOVE_ITEM sources ${arg_EXCLUDE})

    set(target hubkeep_${name})
    if(sources)
        add_library(${target} ${sources})
        hubkeep_compile(${target})
        set_target_properties(${target} PROPERTIES AUTOMOC ${arg_AUTOMOC})
        set(scope PUBLIC)
    else()
        add_library(${target} INTERFACE)
        set(scope INTERFACE)
    endif()
    target_link_libraries(${target} ${scope} ${arg_LINK})
    target_compile_definitions(${target} ${scope} ${arg_DEFINE})
    add_library(hubkeep::${name} ALIAS ${target})
endfunction()

# hubkeep_integration(<name> …)
#
# The one call that an integration's CMakeLists.txt makes; it takes hubkeep_library()'s arguments.
# Which integrations it may use is written once, in its integration.json under "after": those it
# is linked with, and the lint lets it include their interface headers.
function(hubkeep_integration name)
    set(description "${CMAKE_CURRENT_SOURCE_DIR}/integration.json")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${description}")
    file(READ "${description}" json)
    string(JSON described ERROR_VARIABLE problem GET "${json}" name)
    if(problem)
        message(FATAL_ERROR "${description}: ${problem}")
    endif()
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME folder)
    if(NOT name STREQUAL folder OR NOT name STREQUAL described)
        message(FATAL_ERROR "${description}: the folder is ${folder}, its CMakeLists.txt calls it "
            "${name} and this file ${described}; an integration has one name.")
    endif()

    set(links hubkeep::core)
    string(JSON count ERROR_VARIABLE problem LENGTH "${json}" after)
    if(problem)
        message(FATAL_ERROR "${description}: ${problem}; \"after\" is the list of the integrations "
            "that this one uses, and may be empty.")
    endif()
    math(EXPR last "${count} - 1")
    if(count GREATER 0)
        foreach(index RANGE ${last})
            string(JSON other GET "${json}" after ${index})
            list(APPEND links hubkeep::${other})
        endforeach()
    endif()

    hubkeep_library(${name} ${ARGN} LINK ${links})
    set_property(GLOBAL APPEND PROPERTY HUBKEEP_INTEGRATIONS hubkeep::${name})
endfunction()
