#ifndef GLMPP_DESIGN_SPARSE_BLOCK_H
#define GLMPP_DESIGN_SPARSE_BLOCK_H

#include <memory>
#include <mutex>
#include <vector>

#include "block.h"

namespace glmpp {

/// A borrowed matrix in compressed columns, as Matrix::dgCMatrix stores it.
struct CompressedColumns {
  std::size_t rows = 0;
  std::size_t columns = 0;
  const int* start = nullptr;  ///< columns + 1
  const int* row = nullptr;
  const double* value = nullptr;
};

/// A sparse matrix, held once more by rows as soon as a pass wants to read a range of them.
class SparseBlock : public Block {
 public:
  struct OwnColumns {
    std::vector<int> start, row;
    std::vector<double> value;
  };

  SparseBlock(const CompressedColumns& matrix, std::vector<std::size_t> position);
  SparseBlock(std::size_t rows, OwnColumns columns, std::vector<std::size_t> position);

  double row_cost() const override;
  double mean_row_length() const;
  void prepare(std::size_t most_rows, BlockTile& tile) const override;
  void load(RowRange rows, BlockTile& tile) const override;
  void add_linear_predictor(const BlockTile& tile, const double* own, double* eta) const override;
  void add_score(const BlockTile& tile, const double* residual, double* own_score) const override;
  void add_squares(const BlockTile& tile, const double* weights,
                   double* own_squares) const override;
  void expand(const BlockTile& tile, double* out, std::size_t leading_dimension) const override;
  void visit_row(const BlockTile& tile, std::size_t row, const VisitElement& visit) const override;
  std::unique_ptr<Block> restricted(const std::vector<std::size_t>& place) const override;
  ColumnView view(std::size_t k, std::size_t rows) const override;
  /// table += X' diag(w) X, entries (i, j) with i <= j at i + j * width.
  void add_gram(const BlockTile& tile, const double* weights, double* table) const;

 private:
  std::size_t entries() const { return static_cast<std::size_t>(matrix_.start[matrix_.columns]); }
  void turn() const;

  std::unique_ptr<OwnColumns> own_;
  CompressedColumns matrix_;
  // By rows.
  mutable std::once_flag is_turned_;
  mutable std::vector<std::size_t> start_;
  mutable std::vector<int> column_;
  mutable std::vector<double> value_;
};

}  // namespace glmpp

#endif
