#include "model_factory.h"

#include <limits>
#include <stdexcept>

#include "binomial_tails.h"
#include "composed_model.h"
#include "fused_models.h"
#include "named_list.h"
#include "negative_binomial.h"
#include "tweedie.h"
#include "variance.h"
#include "zero_truncated.h"

namespace glmpp {

namespace {

using ModelMaker = std::unique_ptr<RowModel> (*)(const ModelName&);

// Links under which (dmu/deta)^2 / V(mu) is a constant, by variance.
bool has_constant_weights(const ModelName& name) {
  return (name.variance == "constant" && name.link == "identity") ||
         (name.variance == "mu" && name.link == "sqrt") ||
         (name.variance == "mu^2" && name.link == "log");
}

template <class Variance>
std::unique_ptr<RowModel> compose(Variance variance, const ModelName& name) {
  return std::make_unique<ComposedModel<Variance>>(variance, make_link(name.link, name.power),
                                                   has_constant_weights(name));
}

template <class Variance>
std::unique_ptr<RowModel> compose_plain(const ModelName& name) {
  return compose(Variance(), name);
}

std::unique_ptr<RowModel> compose_negative_binomial(const ModelName& name) {
  return std::make_unique<NegativeBinomialModel>(name.theta, make_link(name.link, name.power));
}

std::unique_ptr<RowModel> compose_power(const ModelName& name) {
  return std::make_unique<TweedieModel>(name.theta, name.dispersion,
                                        make_link(name.link, name.power));
}

// Their link is that of the mean before truncation.
void check_log_link(const ModelName& name) {
  if (name.link != "log")
    throw std::invalid_argument("zero-truncated counts have the link \"log\"");
}

std::unique_ptr<RowModel> make_truncated_poisson(const ModelName& name) {
  check_log_link(name);
  return std::make_unique<ZeroTruncatedModel>(std::numeric_limits<double>::infinity());
}

std::unique_ptr<RowModel> make_truncated_negative_binomial(const ModelName& name) {
  check_log_link(name);
  return std::make_unique<ZeroTruncatedModel>(name.theta);
}

const NamedList<ModelMaker> models = {
    {"constant", compose_plain<ConstantVariance>},
    {"mu(1-mu)", compose_plain<BinomialVariance>},
    {"mu", compose_plain<PoissonVariance>},
    {"mu^2", compose_plain<GammaVariance>},
    {"mu^3", compose_plain<InverseGaussianVariance>},
    {"mu+mu^2/theta", compose_negative_binomial},
    {"mu^p", compose_power},
    {"zero-truncated mu", make_truncated_poisson},
    {"zero-truncated mu+mu^2/theta", make_truncated_negative_binomial}};

}  // namespace

std::unique_ptr<RowModel> make_row_model(const ModelName& name) {
  if (auto fused = make_fused_model(name)) return fused;
  if (auto tailed = make_tailed_binomial(name)) return tailed;
  return find_named(models, name.variance, "variance")(name);
}

std::vector<std::string> known_variances() { return names_of(models); }

}  // namespace glmpp
