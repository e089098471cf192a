# attune_texts(TARGET folder FOLDER namespace NS function F extension EXT)
#
# Writes one .cpp that defines `std::span<const std::pair<std::string_view, std::string_view>> F()` in namespace NS: the
# names (without extension) and contents of the folder's files, sorted by name. The texts travel inside the library, so a
# program finds them wherever it is put; a new file is in the table after the next configuration, which its change starts.
function(attune_texts target)
    cmake_parse_arguments(T "" "folder;namespace;function;extension" "" ${ARGN})
    file(GLOB files CONFIGURE_DEPENDS ${T_folder}/*.${T_extension})
    list(SORT files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
    set(entries "")
    foreach(file ${files})
        get_filename_component(name ${file} NAME_WE)
        file(READ ${file} text)
        string(APPEND entries "        {\"${name}\", R\"~~(${text})~~\"},\n")
    endforeach()
    set(output ${CMAKE_CURRENT_BINARY_DIR}/texts_${T_function}.cpp)
    file(CONFIGURE OUTPUT ${output} CONTENT
"// Generated from the files of ${T_folder}; do not edit.
#include <span>
#include <string_view>
#include <utility>

namespace ${T_namespace} {
std::span<const std::pair<std::string_view, std::string_view>> ${T_function}()
{
    static constexpr std::pair<std::string_view, std::string_view> table[] {
${entries}    };
    return table;
}
}
" @ONLY)
    target_sources(${target} PRIVATE ${output})
    set_source_files_properties(${output} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()
