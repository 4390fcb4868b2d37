#ifndef GLMPP_OBJECTIVE_CATEGORY_RESPONSE_H
#define GLMPP_OBJECTIVE_CATEGORY_RESPONSE_H

#include <cstddef>

#include "design/column.h"

namespace glmpp {

/// A response of categories; every pointer is borrowed. Either the category of each row (`codes`,
/// from 1) or, for a softmax, how often each category occurred (`counts`, rows x classes).
struct CategoryResponse {
  std::size_t classes = 0;
  const int* codes = nullptr;
  const double* counts = nullptr;
  Column prior_weights = Column::constant();
  const double* offset = nullptr;  ///< rows x classes for a softmax, else one per row; null: 0
};

}  // namespace glmpp

#endif
