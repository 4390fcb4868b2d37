#ifndef GLMPP_DESIGN_PAIR_SUMS_H
#define GLMPP_DESIGN_PAIR_SUMS_H

#include <cstddef>
#include <memory>

#include "block.h"
#include "linalg/symmetric_elements.h"

namespace glmpp {

/// The weights of a tile, and what several pairs of blocks derive from them.
struct WeightedTile {
  const double* weights = nullptr;  ///< padded with zeros to a multiple of 8
  AlignedBuffer scratch;            ///< a weighted copy of the dense tile
  AlignedBuffer rows_major;         ///< the weighted dense tile by rows, for scattering into cells
  std::size_t row_length = 0;       ///< of rows_major; 0 until it is filled for this tile
};

/// The own columns of one block that meet a cell of another, and where in their table the sums are.
struct CellSums {
  std::size_t count = 0;
  std::size_t first_column = 0;
  const int* columns = nullptr;  ///< null: from first_column on
  std::size_t first_place = 0, stride = 1;
  const std::size_t* places = nullptr;  ///< null: from first_place on, by stride

  std::size_t column(std::size_t k) const {
    return columns ? static_cast<std::size_t>(columns[k]) : first_column + k;
  }
  std::size_t place(std::size_t k) const { return places ? places[k] : first_place + k * stride; }
};

/// Xa' diag(w) Xb for one pair of blocks, in the blocks' own columns. Stateless: the sums live in a
/// table that the caller owns, so that lanes can each have one.
class PairSums {
 public:
  virtual ~PairSums() = default;
  virtual std::size_t table_size() const = 0;
  /// How far into its table it reads: further than its own size where the table is another pair's.
  virtual std::size_t reach() const { return table_size(); }
  virtual double row_cost() const = 0;
  virtual void add(const BlockTile& a, const BlockTile& b, WeightedTile& weighted,
                   double* table) const = 0;
  /// information(i, j) over the coefficients of these maps, which have the blocks' own columns.
  virtual void set_information(const double* table, const CoefficientMap& a,
                               const CoefficientMap& b, SymmetricElements& information) const = 0;
  /// What may not be zero in a cell of block b, or a.
  virtual CellSums of_cell(bool is_of_b, std::size_t cell) const;
};

/// The way to sum a pair; a new kind of block adds its pairs here.
std::unique_ptr<PairSums> make_pair_sums(const Block& a, const Block& b);

/// Of two blocks over the same cells, one without a multiplier, the other one: its sums beside a column of ones are those of the two.
/// Null for others.
const Block* block_beside_ones(const Block& a, const Block& b);

/// Sums that stand among those of a dense block `by_cells`; they add nothing. Null where it has no column of ones.
std::unique_ptr<PairSums> make_sums_beside_ones(const Block& dense, const PairSums& by_cells);

/// The cross table of two factors, of those cells alone that are there in the rows. Null where that is most of them, or where a block
/// is no factor.
std::unique_ptr<PairSums> make_sparse_pair_sums(const Block& a, const Block& b, std::size_t rows);

}  // namespace glmpp

#endif
