#include "softmax.h"

#include <algorithm>

#include "vector_math.h"

namespace glmpp {

SoftmaxRows::SoftmaxRows(std::size_t classes, std::size_t most_rows)
    : classes_(classes),
      length_(most_rows),
      shifted_(classes * most_rows),
      probability_(classes * most_rows),
      log_total_(most_rows),
      top_complement_(most_rows),
      top_(most_rows) {}

bool SoftmaxRows::evaluate(std::size_t rows) {
  double* largest = log_total_.data();
  std::copy_n(eta(0), rows, largest);
  std::fill_n(top_.begin(), rows, std::size_t{0});
  double finite = 0.0;
  for (std::size_t k = 0; k < classes_; ++k) {
    const double* predictor = eta(k);
    for (std::size_t i = 0; i < rows; ++i) {
      finite += predictor[i] * 0.0;
      if (predictor[i] > largest[i]) {
        largest[i] = predictor[i];
        top_[i] = k;
      }
    }
  }
  for (std::size_t k = 0; k < classes_; ++k) {
    double* predictor = eta(k);
    for (std::size_t i = 0; i < rows; ++i) predictor[i] -= largest[i];
    exp_each(predictor, rows, probability_.data() + k * length_);
  }
  double* others = top_complement_.data();
  std::fill_n(others, rows, 0.0);
  for (std::size_t i = 0; i < rows; ++i) probability_[top_[i] * length_ + i] = 0.0;
  for (std::size_t k = 0; k < classes_; ++k)
    for (std::size_t i = 0; i < rows; ++i) others[i] += probability_[k * length_ + i];
  for (std::size_t i = 0; i < rows; ++i) probability_[top_[i] * length_ + i] = 1.0;
  log1p_each(others, rows, log_total_.data());
  for (std::size_t k = 0; k < classes_; ++k)
    for (std::size_t i = 0; i < rows; ++i) probability_[k * length_ + i] /= 1.0 + others[i];
  for (std::size_t i = 0; i < rows; ++i) others[i] /= 1.0 + others[i];
  return finite == 0.0;
}

}  // namespace glmpp
