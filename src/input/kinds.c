#include "input/file.h"
#include "input/input.h"

const char *const ps_read_from_choices[] = {
    [PS_READ_FROM_BEGINNING] = "beginning",
    [PS_READ_FROM_END] = "end",
    NULL,
};

const struct ps_input_ops *const ps_input_kinds[] = {
    &ps_input_file,
    NULL,
};
