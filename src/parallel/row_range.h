#ifndef GLMPP_PARALLEL_ROW_RANGE_H
#define GLMPP_PARALLEL_ROW_RANGE_H

#include <cstddef>

namespace glmpp {

struct RowRange {
  std::size_t begin;
  std::size_t count;
};

}  // namespace glmpp

#endif
