#include "input/file.h"
#include "input/input.h"

const struct ps_input_ops *const ps_input_kinds[] = {
    &ps_input_file,
    NULL,
};
