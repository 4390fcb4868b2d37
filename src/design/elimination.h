#ifndef GLMPP_DESIGN_ELIMINATION_H
#define GLMPP_DESIGN_ELIMINATION_H

#include <cstddef>
#include <memory>
#include <vector>

#include "block.h"
#include "linalg/information.h"
#include "pair_sums.h"

namespace glmpp {

/// How the information of a design is stored: see Information. `bordered` takes the cells of the largest factor (or interaction of
/// factors) as inner, where there is one whose coefficients each have a cell of their own; its rows have entries where the data
/// have, and its corner, and the complement that a factor makes of it, are sparse where that is less work: in `bordered_sparse` always. In
/// `bordered_full` rows have all entries, so that those of other rows of the same model can be added to them.
enum class Structure { dense, bordered, bordered_sparse, bordered_full };

/// A pair of blocks, and where its sums are in a table of them all.
struct BlockPair {
  std::size_t a, b, offset;
  std::unique_ptr<PairSums> sums;
};

/// Which blocks are inner, and how sums over blocks become a bordered information.
class Elimination {
 public:
  using Blocks = std::vector<std::unique_ptr<Block>>;

  /// The blocks over the same cells that have most coefficients; empty where no block can be eliminated.
  static std::vector<std::size_t> find_inner(const Blocks& blocks);

  Elimination(const Blocks& blocks, const std::vector<std::size_t>& inner,
              const std::vector<BlockPair>& pairs, std::size_t coefficient_count,
              Structure structure);

  const std::shared_ptr<const BorderedShape>& shape() const { return shape_; }
  void collect(const std::vector<BlockPair>& pairs, const double* tables, unsigned threads,
               Information& information) const;

 private:
  /// An inner coefficient in its block.
  struct Place {
    std::size_t block, cell;
    double value;
  };

  void find_cells(const std::vector<std::size_t>& inner, BorderedShape& shape);
  void find_rows(const std::vector<BlockPair>& pairs, BorderedShape& shape);
  bool find_columns(const std::vector<BlockPair>& pairs, const Place& place, std::size_t border,
                    std::vector<int>& columns);
  std::shared_ptr<const SparsePattern> find_sparse(const std::vector<BlockPair>& pairs,
                                                   const BorderedShape& shape, bool always) const;
  void collect_blocks(const BlockPair& pair, const double* table, Information& information) const;
  void clear_rows(unsigned threads, double* rows) const;
  void copy_rows(const BlockPair& pair, std::size_t own, const double* table, unsigned threads,
                 double* rows) const;
  void collect_rows(const BlockPair& pair, const double* table, unsigned threads,
                    double* rows) const;

  const Blocks& blocks_;
  std::vector<char> is_inner_;  ///< of each block
  std::vector<char> is_there_;  ///< room of find_columns(): of each of the border
  std::vector<CoefficientMap>
      corner_;                 ///< of each block that is not inner, to places in the border
  std::vector<Place> places_;  ///< of the inner coefficients
  std::shared_ptr<const BorderedShape> shape_;
};

}  // namespace glmpp

#endif
