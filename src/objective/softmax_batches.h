#ifndef GLMPP_OBJECTIVE_SOFTMAX_BATCHES_H
#define GLMPP_OBJECTIVE_SOFTMAX_BATCHES_H

#include <vector>

#include "category_response.h"
#include "family/softmax.h"
#include "row_batches.h"
#include "row_tile.h"

namespace glmpp {

/// The multinomial logit a few rows at a time.
class SoftmaxBatches : public RowBatches {
 public:
  /// `baseline` counts from 0; `response.classes` for none.
  SoftmaxBatches(const Design& design, CategoryResponse response, std::size_t baseline);

  std::size_t coefficient_count() const override {
    return free_.size() * design_.coefficient_count();
  }
  std::size_t tile_count() const override { return tile_.count(); }
  std::size_t load(std::size_t tile) override;
  bool add_score(const std::size_t* rows, std::size_t count,
                 const std::vector<double>& coefficients, std::vector<double>& score) override;
  /// One residual for each class: Newton's method for all of them, in the order of their number.
  bool update_implicitly(std::size_t row, const std::vector<double>& rate,
                         std::vector<double>& coefficients) override;

 private:
  void predict(std::size_t row, const std::vector<double>& coefficients, std::size_t place);
  double residual(std::size_t row, std::size_t k, std::size_t place) const;
  double seen(std::size_t row, std::size_t k) const;

  const Design& design_;
  CategoryResponse response_;
  std::vector<std::size_t> free_;
  RowTile tile_;
  RowRange range_{0, 0};
  std::vector<double> weights_, trials_;
  SoftmaxRows softmax_;
};

}  // namespace glmpp

#endif
