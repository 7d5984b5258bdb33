# Writes OUTPUT with the revision of SOURCE_DIR; the file is touched only if something in it changed.
set(revision "${VERSION}")
execute_process(COMMAND git describe --always --dirty --tags WORKING_DIRECTORY ${SOURCE_DIR}
  OUTPUT_VARIABLE described RESULT_VARIABLE result OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(result EQUAL 0)
  string(APPEND revision " (${described})")
endif()
set(content "#define LITHOCLASE_REVISION \"${revision}\"\n#define LITHOCLASE_DATA_DIR \"${SOURCE_DIR}/input\"\n")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT content STREQUAL "${old}")
  file(WRITE ${OUTPUT} "${content}")
endif()
