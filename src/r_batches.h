#ifndef GLMPP_R_BATCHES_H
#define GLMPP_R_BATCHES_H

#include <Rcpp.h>

#include <memory>

#include "objective/memory_batches.h"

namespace glmpp {

/// Batches of rows that come in parts: `next_part()` returns the blocks and the response of the next
/// part as a list, NULL after the last, and then starts anew. Parts come in their own order, whatever tile is
/// asked for.
class RBatches : public RowBatches {
 public:
  RBatches(Rcpp::Function next_part, const RowModel& model, std::size_t coefficients,
           std::size_t tiles);

  std::size_t coefficient_count() const override { return coefficients_; }
  std::size_t tile_count() const override { return tiles_; }
  std::size_t load(std::size_t tile) override;
  bool add_score(const std::size_t* rows, std::size_t count,
                 const std::vector<double>& coefficients, std::vector<double>& score) override;
  bool update_implicitly(std::size_t row, const std::vector<double>& rate,
                         std::vector<double>& coefficients) override;

 private:
  void fetch();

  Rcpp::Function next_part_;
  const RowModel& model_;
  std::size_t coefficients_, tiles_;
  Rcpp::List part_;  ///< keeps what the design and the response borrow
  std::unique_ptr<Design> design_;
  Response response_;
  std::unique_ptr<MemoryBatches> batches_;
  std::size_t tile_ = 0;
};

/// `source`: a list of `next_part` and the number of `tiles`.
RBatches as_batches(const Rcpp::List& source, const RowModel& model, std::size_t coefficients);

}  // namespace glmpp

#endif
