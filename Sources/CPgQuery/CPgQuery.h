#ifndef CPGQUERY_H
#define CPGQUERY_H

#include <pg_query.h>
#include <stdbool.h>

// The scanner's setting, which the library exports and no header declares: whether a backslash in a plain literal is
// only a backslash. Of the calling thread.
extern __thread bool standard_conforming_strings;

static inline void postern_set_standard_conforming_strings(bool value) { standard_conforming_strings = value; }

#endif
