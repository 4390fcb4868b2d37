# Arguments that a method does not have. They would change nothing, and whoever gave them would believe they did.

# `given` is substitute(list(...)) of the method; `also`: what it passes on.
refuse_unknown <- function(given, generic, method, also = character()) {
  if (length(given) == 1) return(invisible())
  given <- as.list(given)[-1]
  names <- names(given) %||% rep("", length(given))
  if (all(emmeans_arguments %in% names)) return(invisible())
  unknown <- which(!names %in% c(also, harmless_arguments))
  known <- setdiff(c(names(formals(method)), also), "...")
  if (is_from_a_package(parent.frame(2)) && !generic %in% getNamespaceExports("glmpp")) {
    unknown <- unknown[vapply(names[unknown], is_a_slip, NA, setdiff(known, names(formals(method))[1]))]
  }
  if (!length(unknown)) return(invisible())
  name <- names[unknown[1]]
  if (name == "") stop_surplus(given[[unknown[1]]], generic, known)
  stop_glmpp("argument", sprintf("`%s` is not an argument of %s() for this fit.", name, generic),
             i = other_way(name, generic, known) %||% did_you_mean(name, setdiff(known, c("object", "x", "formula"))),
             i = takes(known, generic))
}

# Arguments that say nothing beside another one; `given`: whether each was.
refuse_with <- function(other, given) {
  if (!any(given)) return(invisible())
  stop_glmpp("argument", sprintf("`%s` says nothing beside `%s`.", names(given)[given][1], other))
}

takes <- function(known, generic) {
  graphical <- generic == "plot" & known %in% c("", graphical_parameters)
  sprintf("It takes %s%s.", comma(known[!graphical], 20), if (any(known[graphical] != "")) " and graphical parameters" else "")
}

# What other packages hand to every method.
harmless_arguments <- "verbose"

# They also hand all models the arguments of some, such as `re.form` to predict(), which glm's methods do not look at. Whoever calls by their
# code can't help it; but numbers by another covariance than the one asked for would be wrong.
is_from_a_package <- function(caller) {
  home <- topenv(caller)
  isNamespace(home) && !getNamespaceName(home) %in% packages_without_models
}

# They hand on what the user has written.
packages_without_models <- c("base", "stats", "utils", "methods", "parallel", "glmpp", "purrr", "furrr", "future.apply", "future", "foreach", "magrittr",
                             "rlang", "dplyr", "data.table", "plyr", "pbapply", "withr", "testthat", "memoise", "targets")

# Of an argument that a package has handed on: what would change numbers, and what is next to a name that the method knows.
is_a_slip <- function(name, known) name %in% c("", covariance_arguments) || length(nearest_names(name, known)) > 0

covariance_arguments <- c("vcov", "vcov.", "type", "cluster", "clusters", "se", "robust")

# emmeans hands all that it was given to vcov(), with these two of its own.
emmeans_arguments <- c("misc", "options")

stop_surplus <- function(value, generic, known) {
  stop_glmpp("argument", sprintf("%s() for this fit has no argument for `%s`.", generic, value_text(value)),
             i = takes(known, generic))
}

# What users of other packages write, and what it is here.
other_way <- function(name, generic, known) {
  meant <- c(newdata = "newdata", data = "newdata", new_data = "newdata", newx = "newdata", at = "newdata", interval = "se.fit", conf.level = "level",
             conf.int = "level", level = "se.fit", clusters = "cluster")
  if (name %in% names(meant) && meant[[name]] %in% known) {
    if (meant[[name]] != "se.fit") return(sprintf("Did you mean %s?", meant[[name]]))
    return("For an interval take `type = \"link\"` and `se.fit = TRUE`, add multiples of the standard error, and apply the inverse link.")
  }
  if (generic == "fitted" && name %in% names(meant)) return("For other rows use `predict(newdata = , type = \"response\")`.")
  if (name == "exponentiate") return("Write `exp()` of the result.")
  if (name %in% covariance_arguments) {
    return(if (generic == "vcov") "A robust one: `vcov(fit, type = \"HC1\")`, clustered with `cluster = ~ id`."
           else if ("vcov" %in% known) {
             sprintf("Robust standard errors: `%s(fit, vcov = \"HC1\")`, clustered by `vcov = ~ id`.", generic)
           } else "Robust standard errors come from `vcov(fit, type = \"HC1\")`, a table with them from `lmtest::coeftest(fit, vcov. = )`.")
  }
}

# Of anova(): what is neither a model nor an argument. Models have no names, which anova.glm() would drop.
refuse_other_than_models <- function(given, values, method, class) {
  is_model <- vapply(values, inherits, NA, class) & (names(values) %||% "") == ""
  refuse_unknown(as.call(c(list(quote(list)), as.list(given)[-1][!is_model])), "anova", method)
}

# What plot() hands to the graphics device.
graphical_parameters <- c(
  "adj", "ann", "asp", "axes", "bg", "bty", "cex", "cex.axis", "cex.lab", "cex.main", "cex.sub", "col", "col.axis", "col.lab",
  "col.main", "col.sub", "family", "fg", "font", "font.axis", "font.lab", "font.main", "font.sub", "frame.plot", "las", "lab", "lend",
  "log", "lty", "lwd", "main", "mgp", "panel.first", "panel.last", "pch", "pty", "srt", "sub", "tck", "tcl", "type", "xaxp", "xaxs",
  "xaxt", "xlab", "xlim", "xpd", "yaxp", "yaxs", "yaxt", "ylab", "ylim"
)

# `vcov(fit, "HC1")` puts the type in the place of `complete`.
check_complete <- function(complete) {
  if (isTRUE(complete) || isFALSE(complete)) return(invisible())
  stop_glmpp("argument", "`complete` must be TRUE or FALSE.", x = sprintf("It is %s.", value_text(complete)),
             i = if (is.character(complete)) sprintf("Write `vcov(fit, type = %s)`.", dQuote(complete[1], FALSE)))
}

#' @export
fitted.glmpp <- function(object, ...) {
  if (...length()) refuse_unknown(substitute(list(...)), "fitted", fitted.glmpp)
  values <- .subset2(object, "fitted.values")
  if (is.null(values)) values <- row_component(object, "fitted.values")
  omitted <- .subset2(object, "na.action")
  if (is.null(omitted)) values else napredict(omitted, values)
}

#' Pictures of a fit
#'
#' The six pictures of [stats::plot.lm()], as for a glm: residuals against fitted values, quantiles of residuals, scale and location, Cook's
#' distances, and residuals against leverage. They differ from `glm()`'s in nothing but that an argument that neither `plot()` nor a graphics
#' device knows is an error. Binary outcomes fall into two bands in them, whatever the model: the charts below say more.
#'
#' @section Charts that say more:
#' [residual_bins()] and [quantile_residuals()]: does the mean, does the distribution fit? [calibration_bins()]: do fitted probabilities
#' come true? [roc_points()]: are successes told from failures? [coefficient_intervals()]: estimates with their intervals, robust ones too.
#' [convergence_trace()] and [likelihood_surface()]: how the solver got there. Each is drawn by `plot()`, by ggplot2's `autoplot()`, and is
#' numbers by `as.data.frame()`, see [glmpp_chart].
#'
#' @param x A fit by [glmpp()] with its rows: an error of class `glmpp_error_left_out` for a lean one, `glmpp_error_rows` for one
#'   from afar. (Of several categories: [plot.glmpp_categories()].)
#' @param ... `which`, `caption` and the rest of [stats::plot.lm()]; graphical parameters. Of a fit by [lasso()] or with `constraints`, which has no leverages, there
#'   is the first picture only, residuals against linear predictors.
#' @returns Nothing of use; it draws.
#' @seealso [glmpp_chart], [residuals.glmpp()], [influence.glmpp()]
#' @examples
#' fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks)
#' plot(fit, which = 5)
#' plot(residual_bins(fit))
#' @concept diagnostic plots
#' @export
plot.glmpp <- function(x, ...) {
  refuse_unknown(substitute(list(...)), "plot", utils::getS3method("plot", "lm"),
                 c("", names(formals(utils::getS3method("plot", "lm"))), graphical_parameters))
  if (lacks_leverages(x)) plot_without_leverages(x, ...) else NextMethod()
}
