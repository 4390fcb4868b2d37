#ifndef GLMPP_LINALG_ACTIVE_ROWS_H
#define GLMPP_LINALG_ACTIVE_ROWS_H

#include <cstddef>
#include <utility>
#include <vector>

namespace glmpp {

/// The active set of Lawson and Hanson (1974, Solving Least Squares Problems, ch. 23): the point closest to zero among total + sum of
/// amounts times the rows that are held, where the amounts of rows that are not free stay positive. The rows' QR factors follow as rows come
/// and go: p k operations a row, of k held ones of length p.
class ActiveRows {
 public:
  explicit ActiveRows(std::vector<double> total) : total_(std::move(total)) {}

  /// Holds a row, and lets go those whose amounts would turn negative. A combination of the rows that are held already is not taken.
  void hold(std::size_t id, const std::vector<double>& row, bool is_free);

  /// Whose rows are held.
  std::vector<std::size_t> ids() const;
  std::vector<double> point() const;

 private:
  struct Held {
    std::size_t id;
    bool is_free;
    double amount;
    std::vector<double> direction;  ///< this column of Q
    std::vector<double> root;       ///< that of R, down to the diagonal
    double target;                  ///< of -Q' total
  };

  /// False for a combination of the held rows.
  bool append(std::size_t id, const std::vector<double>& row, bool is_free);
  /// Amounts at rest, without the rows that this turns negative.
  void balance();
  std::vector<double> amounts_at_rest() const;
  void let_go(std::size_t place);

  std::vector<double> total_;
  std::vector<Held> held_;
};

}  // namespace glmpp

#endif
