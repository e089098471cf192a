# attune_registry(TARGET folder FOLDER namespace NS type T header H [name N])
#
# Writes one .cpp with `std::span<const T* const> all()` in namespace NS: a table of the functions
# `const T& <stem>()` that the .cpp files of FOLDER define, sorted by name. Dropping a file into the
# folder is the whole registration; a forgotten function is a link error that names it. There are no
# static initialisers, which a static library would lose (house rule: registries).
function(attune_registry target)
    cmake_parse_arguments(R "" "folder;namespace;type;header;function" "" ${ARGN})
    if(NOT R_function)
        set(R_function all)
    endif()
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${R_folder}/*.cpp)
    if(NOT sources)
        return()
    endif()
    list(SORT sources)
    set(declarations "")
    set(entries "")
    foreach(source ${sources})
        get_filename_component(stem ${source} NAME_WE)
        string(APPEND declarations "const ${R_type}& ${stem}();\n")
        string(APPEND entries "        &${stem}(),\n")
    endforeach()
    string(MAKE_C_IDENTIFIER ${R_folder} id)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/registry_${id}.cpp)
    file(CONFIGURE OUTPUT ${output} CONTENT
"// Generated from the files of ${R_folder}/; do not edit.
#include \"${R_header}\"

#include <span>
#include <vector>

namespace ${R_namespace} {
${declarations}
std::span<const ${R_type}* const> ${R_function}()
{
    static const std::vector<const ${R_type}*> table {
${entries}    };
    return table;
}
}
")
    target_sources(${target} PRIVATE ${sources} ${output})
endfunction()

# attune_sources(TARGET FOLDER...): every .cpp of the folders, not of their subfolders.
function(attune_sources target)
    foreach(folder ${ARGN})
        file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
        target_sources(${target} PRIVATE ${sources})
    endforeach()
endfunction()
