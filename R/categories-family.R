# Models for a response of several categories: multinomial logit and cumulative link models. They share
# glmpp()'s frame, schema and blocks; what they have instead of one linear predictor per row is here.

#' Families for a response of several categories
#'
#' For the `family` argument of [glmpp()]. `multinomial()` is the multinomial logit (softmax) model of unordered
#' classes, \eqn{P(Y = k) = \exp(x'b_k) / \sum_j \exp(x'b_j)}; `ordinal()` the cumulative link model of ordered classes,
#' \eqn{P(Y \le k) = F(\theta_k - x'b)}, which with the logit link is the proportional odds model.
#'
#' @param baseline `TRUE`: the first class has no coefficients, as in `nnet::multinom()`. The name of a class: that one has
#'   none, as the last has in `VGAM::multinomial()`. `FALSE`: all classes have coefficients (symmetric softmax). They are
#'   determined only up to a vector that is added to all classes: their sum over the classes is that of `start` (zero by
#'   default), so that they change from `start` as little as any optimum does, and `vcov()` is that of coefficients with a
#'   fixed sum.
#' @param link The inverse of \eqn{F}: `"logit"` (logistic), `"probit"` (normal), `"cloglog"` (\eqn{F(x) = 1 - \exp(-\exp(x))}),
#'   `"loglog"` (\eqn{F(x) = \exp(-\exp(-x))}) or `"cauchit"` (Cauchy).
#'
#' @section The response:
#' A factor; for `multinomial()` also text, logical values, or a matrix of counts with a row for each trial or group and a column
#' for each class. For `ordinal()` the levels of the factor are taken in their order. Classes without rows are left out with a
#' warning of class `glmpp_warning_classes`; a class whose rows all have weight zero is an error of class `glmpp_error_classes`.
#'
#' @section Offsets and starts:
#' For `multinomial()` an offset is a matrix with a row for each row of the data and a column for each class, in the order
#' of the classes; with two classes it may be a vector, for the class that is not the baseline. `start` is a matrix of the shape
#' of `coef()`: a row for each class that has coefficients, a column for each column of the design. For `ordinal()` an offset is a
#' vector, added to \eqn{x'b}, and `start` is a vector: the coefficients, then the ascending thresholds. `etastart` and `mustart` are
#' refused.
#'
#' @section The fit:
#' An object of class `c("glmpp_multinomial", "glmpp_categories")` or `c("glmpp_ordinal", "glmpp_categories")`. It is no glm:
#' there are several linear predictors per row. Its components: `coefficients` (a matrix classes x columns; for `ordinal()` a
#' vector), `thresholds` (`ordinal()` only, named `"low|medium"`), `covariance`, `fitted.values` (a matrix rows x classes of
#' probabilities), `linear.predictors` (a column for each class with coefficients; for `ordinal()` a vector),
#' `deviance` (minus twice the log-likelihood without factorials, as in \pkg{nnet} and \pkg{MASS}), `null.deviance` (NA
#' with an offset), `rank` (the number of coefficients estimated), `df.residual`, `nobs` (the sum of the
#' weights, times the counts), `y` (codes, or the matrix of counts), `classes`, `separation` (NULL if there is none), and
#' `prior.weights`, `offset`, `iter`, `converged`, `family`, `call`, `formula`, `terms`, `model`, `xlevels`, `contrasts`,
#' `na.action`, `solver` as in [glmpp()].
#'
#' @section Solvers, penalties and standard errors:
#' `solver = "auto"` is [irls()] for `multinomial()`, whose expected information is the observed one ([lbfgs()] beyond 5000
#' coefficients), and [newton()] for `ordinal()`. The other [solvers] serve too, but for [sgd()] with ordinal models. Standard
#' errors of `multinomial()` come from the exact information; those of `ordinal()` from the observed information at the
#' optimum, as in `MASS::polr()`. (With the cauchit link `polr()` cuts the tails off, and its fits differ.) A [ridge()]
#' penalises each class's coefficients alike, and no thresholds; with a baseline the penalised fit depends on which
#' class that is, without one it does not.
#'
#' `vcov(fit, type = "HC1", cluster = ~ id)` is the sandwich, as [vcov.glmpp_categories()] says, which `summary()`, `confint()` (Wald intervals),
#' `predict()` and `tidy()` take by their argument `vcov`. `tidy()` and `glance()`
#' of \pkg{broom}, `lmtest::coeftest()` and `emmeans::emmeans()` take the fits: the latter by `mode = "prob"`, the probability of each class, or
#' `mode = "latent"`, the linear predictors less their mean over the classes (`ordinal()`: \eqn{x'b} less the mean of the thresholds).
#'
#' @section Separation:
#' Where some combination of columns tells a class from others without error, the likelihood rises for ever. The fit's last
#' step then still moves rows, and where it moves none the wrong way that is a proof: `separation`, a list, has its `type`
#' (`"complete"` where every row is told apart, or `"quasi-complete"`), the `classes` and `coefficients` that run to infinity (`Inf` or
#' `-Inf`), and `rows`, the `count` of the rows told apart and the `first` ten. It comes with a warning of class
#' `glmpp_warning_separation`. A fit that has not converged warns by `glmpp_warning_convergence`, and names the coefficients that
#' still move.
#'
#' @returns A family object, for [glmpp()] only.
#' @seealso [predict.glmpp_categories()] and [plot.glmpp_categories()].
#' @references McCullagh, P. (1980) Regression models for ordinal data, *Journal of the Royal Statistical Society B* 42, 109-142.
#'   Agresti, A. (2013) *Categorical Data Analysis*, 3rd edition, Wiley, ch. 8. Albert, A. and Anderson, J. A. (1984) On the
#'   existence of maximum likelihood estimates in logistic regression models, *Biometrika* 71, 1-10.
#' @examples
#' fit <- glmpp(Species ~ Sepal.Width, multinomial(), iris)
#' summary(fit)
#' predict(fit, data.frame(Sepal.Width = c(2.5, 3.5)), type = "probs")
#'
#' growth <- ordered(cut(ToothGrowth$len, c(0, 10, 20, 40)))
#' glmpp(growth ~ supp, ordinal("probit"), ToothGrowth)
#' @concept multinomial logit
#' @concept softmax
#' @concept ordinal regression
#' @concept proportional odds
#' @concept cumulative link
#' @export
multinomial <- function(baseline = TRUE) {
  is_valid <- length(baseline) == 1 && !is.na(baseline) && (is.logical(baseline) || is.character(baseline))
  if (!is_valid) {
    stop_glmpp("argument", "`baseline` must be TRUE (the first class), FALSE (none) or the name of a class.",
               x = sprintf("It is %s.", value_text(baseline)))
  }
  structure(list(family = "multinomial", link = "logit", baseline = baseline), class = c("glmpp_category_family", "family"))
}

ordinal_links <- c("logit", "probit", "cloglog", "loglog", "cauchit")

#' @rdname multinomial
#' @export
ordinal <- function(link = "logit") {
  if (!is.character(link) || length(link) != 1 || !link %in% ordinal_links) {
    stop_glmpp("argument", sprintf("`link` must be one of %s.", comma(dQuote(ordinal_links, FALSE))),
               x = sprintf("It is %s.", value_text(link)))
  }
  structure(list(family = "ordinal", link = link), class = c("glmpp_category_family", "family"))
}

stop_several_predictors <- function(family) {
  stop_glmpp("family", sprintf("glmpp_fit() can't fit the %s family: a glm has one linear predictor per row.", family$family),
             i = sprintf("Use `glmpp(formula, %s(), data)`.", family$family))
}

has_categories <- function(family) inherits(family, "glmpp_category_family")

is_ordinal <- function(family) family$family == "ordinal"
