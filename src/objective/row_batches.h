#ifndef GLMPP_OBJECTIVE_ROW_BATCHES_H
#define GLMPP_OBJECTIVE_ROW_BATCHES_H

#include <cstddef>
#include <vector>

namespace glmpp {

/// The model a few rows at a time, for stochastic methods: the narrow sibling of Objective. Rows come in
/// tiles, of which one is loaded.
class RowBatches {
 public:
  virtual ~RowBatches() = default;

  virtual std::size_t coefficient_count() const = 0;
  virtual std::size_t tile_count() const = 0;
  /// Returns the number of its rows.
  virtual std::size_t load(std::size_t tile) = 0;
  /// Adds the score of some rows of the loaded tile; false when it is not finite or a mean not valid.
  virtual bool add_score(const std::size_t* rows, std::size_t count,
                         const std::vector<double>& coefficients, std::vector<double>& score) = 0;
  /// coefficients += s rate * x with s the row's residual at the coefficients so reached, `rate` one for each
  /// coefficient: the implicit update (Toulis and Airoldi 2017, Ann. Statist. 45, 1694-1727).
  virtual bool update_implicitly(std::size_t row, const std::vector<double>& rate,
                                 std::vector<double>& coefficients) = 0;
};

}  // namespace glmpp

#endif
