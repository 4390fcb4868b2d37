#ifndef GLMPP_R_EPOCHS_H
#define GLMPP_R_EPOCHS_H

#include <Rcpp.h>

#include <vector>

#include "solver/stochastic_descent.h"

namespace glmpp {

/// Epochs that an R function has made where the rows are: `epoch(iterate, average, mean_diagonal)` returns a list of
/// `iterate`, `average` and `valid`.
class REpochs : public Epochs {
 public:
  REpochs(Rcpp::Function epoch, bool averaging) : epoch_(epoch), averaging_(averaging) {}

  void begin(const std::vector<double>& start, const std::vector<double>& mean_diagonal) override;
  bool run() override;
  const std::vector<double>& coefficients() const override {
    return averaging_ ? average_ : iterate_;
  }

 private:
  Rcpp::Function epoch_;
  bool averaging_;
  std::vector<double> iterate_, average_, mean_diagonal_;
};

}  // namespace glmpp

#endif
