#ifndef GLMPP_DESIGN_DESIGN_H
#define GLMPP_DESIGN_DESIGN_H

#include <cstddef>
#include <memory>
#include <vector>

#include "block.h"
#include "column.h"
#include "elimination.h"
#include "linalg/information.h"
#include "pair_sums.h"

namespace glmpp {

/// One lane's working room: the loaded rows of every block.
struct DesignTile {
  std::size_t rows = 0;
  std::vector<BlockTile> blocks;
  WeightedTile weighted;
};

/// The design matrix as blocks. It is never formed: rows are loaded tile by tile, and sums are kept
/// in the blocks' own columns until a pass is over. Const functions are thread safe, one tile each.
class Design {
 public:
  /// At most one dense block, and it comes first.
  Design(std::size_t rows, std::size_t coefficient_count,
         std::vector<std::unique_ptr<Block>> blocks, Structure structure = Structure::dense);

  /// The same rows with these coefficients alone (ascending), renumbered in their order. It borrows what this one does.
  std::unique_ptr<Design> restricted(const std::vector<std::size_t>& columns) const;

  /// Each coefficient's column, where it is stored as it is.
  std::vector<ColumnView> column_views() const;

  std::size_t rows() const { return rows_; }
  std::size_t coefficient_count() const { return coefficient_count_; }
  /// The most rows of a tile, and what it would be if there were more rows.
  std::size_t tile_rows() const { return tile_rows_; }
  std::size_t full_tile_rows() const { return full_tile_rows_; }
  std::size_t own_width() const { return own_width_; }
  std::size_t tables_size() const { return tables_size_; }
  /// Operations per row of the information, and of all else.
  double information_cost() const { return information_cost_; }
  double row_cost() const { return row_cost_; }
  /// Operations of the factor of an information.
  double factor_cost() const;

  DesignTile make_tile() const;
  void load(RowRange rows, DesignTile& tile) const;

  std::vector<double> to_own(const std::vector<double>& coefficients) const;
  void add_linear_predictor(const DesignTile& tile, const double* own, double* eta) const;
  void add_score(const DesignTile& tile, const double* residual, double* own_score) const;
  /// `weights` are padded with zeros to a multiple of 8.
  void add_information(DesignTile& tile, const double* weights, double* tables) const;
  /// The loaded rows as columns of the model, `leading_dimension` apart.
  void expand(const DesignTile& tile, double* out, std::size_t leading_dimension) const;

  /// visit(coefficient, x) over the elements of a loaded row that may not be zero.
  void visit_row(const DesignTile& tile, std::size_t row, const Block::VisitElement& visit) const;

  /// Weighted sums of each column, and of its squares.
  void column_moments(const Column& weights, std::vector<double>& sums,
                      std::vector<double>& squares) const;

  void collect_score(const double* own_score, std::vector<double>& score) const;
  void collect_information(const double* tables, Information& information,
                           unsigned threads = 1) const;
  /// Null where the information is dense.
  const Elimination* elimination() const { return elimination_.get(); }
  /// What an elimination would make of it: coefficients inside and in the border, and the entries between them at most.
  struct Size {
    double inner, border, entries;
  };
  Size elimination_size() const;

 private:
  std::unique_ptr<PairSums> find_beside_ones(std::size_t a, std::size_t b,
                                             std::size_t& offset) const;
  void make_pairs(const std::vector<std::size_t>& inner, Structure structure);

  std::size_t rows_;
  std::size_t coefficient_count_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::size_t> own_offset_;
  std::vector<BlockPair> pairs_;
  std::unique_ptr<Elimination> elimination_;
  std::size_t own_width_ = 0;
  std::size_t tables_size_ = 0;
  std::size_t full_tile_rows_ = 0;
  std::size_t tile_rows_ = 0;
  double information_cost_ = 0.0;
  double row_cost_ = 0.0;
};

}  // namespace glmpp

#endif
