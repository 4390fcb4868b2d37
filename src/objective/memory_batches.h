#ifndef GLMPP_OBJECTIVE_MEMORY_BATCHES_H
#define GLMPP_OBJECTIVE_MEMORY_BATCHES_H

#include <functional>

#include "design/design.h"
#include "family/row_model.h"
#include "memory_objective.h"
#include "row_batches.h"
#include "row_tile.h"

namespace glmpp {

/// Rows in memory, a tile of them as rows of the whole design: each takes O(p), whatever its blocks. The
/// model must work by ranges.
class MemoryBatches : public RowBatches {
 public:
  /// `poll` runs at each tile, and may throw to stop.
  MemoryBatches(const Design& design, const RowModel& model, const Response& response,
                std::function<void()> poll = nullptr);

  std::size_t coefficient_count() const override { return design_.coefficient_count(); }
  std::size_t tile_count() const override { return tile_.count(); }
  std::size_t load(std::size_t tile) override;
  bool add_score(const std::size_t* rows, std::size_t count,
                 const std::vector<double>& coefficients, std::vector<double>& score) override;
  bool update_implicitly(std::size_t row, const std::vector<double>& rate,
                         std::vector<double>& coefficients) override;

 private:
  double predictor(std::size_t i, const std::vector<double>& coefficients) const;
  RowSums evaluate(const std::vector<double>& eta, std::size_t count);

  const Design& design_;
  const RowModel& model_;
  const Response& response_;
  std::function<void()> poll_;
  RowTile tile_;
  std::vector<double> y_, weights_, offset_;
  /// Of the rows of one call.
  std::vector<double> eta_, chosen_y_, chosen_weights_, mean_, weight_, residual_,
      working_residual_;
};

}  // namespace glmpp

#endif
