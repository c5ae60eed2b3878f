# Every test that is not a unit suite of this build.
set(builds ${PROJECT_SOURCE_DIR}/build)
set(fuzz_seconds 60 CACHE STRING "How long tests/run fuzz runs the target for lines; the small targets get a quarter")

# Suites whose code runs in several threads: these run under ThreadSanitizer.
file(GLOB threaded CONFIGURE_DEPENDS unit/pipeline*_test.c unit/daemon*_test.c unit/log*_test.c)
if(NOT threaded)
  message(FATAL_ERROR "tests/unit has no suite with threads")
endif()
list(TRANSFORM threaded REPLACE "^.*/(.*)\\.c$" "\\1")

# Configures another preset and builds it, or the named targets of it, before the tests that need it.
function(add_build preset)
  list(JOIN ARGN " " targets)
  add_test(NAME build/${preset} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
           COMMAND sh -c "cmake --preset ${preset} && cmake --build --preset ${preset} --target ${targets}")
  set_tests_properties(build/${preset} PROPERTIES LABELS build FIXTURES_SETUP ${preset} PROCESSORS 2 TIMEOUT 1200)
endfunction()
foreach(preset IN ITEMS asan fuzz strict-gcc strict-clang minimal)
  add_build(${preset} all)
endforeach()
add_build(tsan ${threaded})

function(add_suite_elsewhere name)
  add_test(NAME asan/${name} COMMAND ${builds}/asan/tests/${name} ${ARGN})
  set_tests_properties(
    asan/${name} PROPERTIES LABELS asan FIXTURES_REQUIRED asan TIMEOUT 600 ENVIRONMENT
    "ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1;UBSAN_OPTIONS=print_stacktrace=1")
  # what is possibly lost are the threads of processes that end at once, by design
  add_test(NAME valgrind/${name} COMMAND valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite
                                         --errors-for-leak-kinds=definite $<TARGET_FILE:${name}> ${ARGN})
  set_tests_properties(valgrind/${name} PROPERTIES LABELS valgrind TIMEOUT 900)
  if(name IN_LIST threaded)
    add_test(NAME tsan/${name} COMMAND ${builds}/tsan/tests/${name} ${ARGN})
    set_tests_properties(tsan/${name} PROPERTIES LABELS tsan FIXTURES_REQUIRED tsan TIMEOUT 600
                                                 ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1")
  endif()
endfunction()

math(EXPR quarter "${fuzz_seconds} / 4")
foreach(row IN ITEMS line/${fuzz_seconds} header/${quarter} config/${quarter})
  string(REPLACE "/" ";" row ${row})
  list(GET row 0 name)
  list(GET row 1 seconds)
  math(EXPR timeout "${seconds} + 120")
  add_test(NAME fuzz/${name} COMMAND ${CMAKE_CURRENT_LIST_DIR}/fuzz/run ${builds}/fuzz ${name} ${seconds})
  set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz FIXTURES_REQUIRED fuzz TIMEOUT ${timeout})
endforeach()

# A lint check is an executable tests/lint/NAME: NAME TREE BUILD_DIR. `self-test` proves that each can fail.
file(GLOB checks CONFIGURE_DEPENDS lint/*)
foreach(check IN LISTS checks)
  get_filename_component(name ${check} NAME)
  if(NOT name MATCHES "\\.py$|^__")
    add_test(NAME lint/${name} COMMAND ${check} ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
    set_tests_properties(lint/${name} PROPERTIES LABELS lint TIMEOUT 900)
  endif()
endforeach()
set_tests_properties(lint/tidy PROPERTIES PROCESSORS 2)

# pytest: a test a file, each with the optimised program of strict-gcc. Those of integration/ start servers and fill
# disks and CPUs, so they run alone.
foreach(part IN ITEMS cli integration bench)
  file(GLOB files CONFIGURE_DEPENDS ${part}/test_*.py)
  if(NOT files)
    message(FATAL_ERROR "tests/${part} has no test_*.py")
  endif()
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WE)
    string(REGEX REPLACE "^test_" "" name ${name})
    add_test(NAME ${part}/${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
             COMMAND /usr/bin/python3 -m pytest -q -p no:cacheprovider --strict-markers ${file})
    set_tests_properties(
      ${part}/${name} PROPERTIES LABELS ${part} FIXTURES_REQUIRED strict-gcc TIMEOUT 1200
                                 ENVIRONMENT "POSTSHIP=${builds}/strict-gcc/postship;PYTHONDONTWRITEBYTECODE=1")
    if(part STREQUAL integration)
      set_tests_properties(${part}/${name} PROPERTIES RUN_SERIAL ON)
    endif()
  endforeach()
endforeach()
