#' True against estimated coefficients
#'
#' For simulated data, where the truth is known: each estimate with its interval against the true coefficient.
#'
#' @param fit A fit by [glmpp()], of several categories too, or by [stats::glm()].
#' @param truth The true coefficients: a numeric vector, named like those of the fit (in any order), or unnamed in the
#'   fit's order (for ordinal fits with the thresholds at the end); for multinomial fits, a matrix of the shape of
#'   `coef()`.
#' @param level Level of the intervals (Wald's, by the normal distribution).
#' @returns A [glmpp_chart] of class `glmpp_coefficient_recovery`: `data` with one row per coefficient (`coefficient`,
#'   `truth`, `estimate`, `standard_error`, `lower`, `upper`, and whether the interval `covers` the truth). Aliased
#'   coefficients are left out.
#' @section Conditions:
#' An error of class `glmpp_error_argument` if `truth` does not go with the coefficients.
#' @examples
#' d <- data.frame(x = seq(-2, 2, length.out = 50))
#' d$y <- qpois((seq_len(50) * 0.618) %% 1, exp(0.5 + d$x))
#' plot(coefficient_recovery(glmpp(y ~ x, poisson, d), truth = c(0.5, 1)))
#' @export
coefficient_recovery <- function(fit, truth, level = 0.95) {
  check_share(level, "level")
  table <- estimates_of(fit)
  data <- data.frame(coefficient = table$coefficient, truth = match_truth(truth, table$coefficient, dim(coef(fit))),
                     table[c("estimate", "standard_error")], wald_interval(table, level))
  data <- data[!is.na(data$estimate), ]
  row.names(data) <- NULL
  data$covers <- data$lower <= data$truth & data$truth <= data$upper
  new_chart("coefficient_recovery", data,
            sprintf("%d of %d intervals (%s) cover the true coefficient", sum(data$covers), nrow(data), percent(level)),
            notes = sprintf("root mean squared error %.4g", sqrt(mean((data$estimate - data$truth)^2))), level = level)
}

# One row per coefficient, aliased ones NA.
estimates_of <- function(fit, vcov = NULL) {
  if (!is.null(vcov)) return(estimates_by(fit, vcov))
  if (inherits(fit, "glmpp_categories")) {
    table <- coef(summary(fit))
    return(data.frame(coefficient = rownames(table), estimate = unname(table[, 1]),
                      standard_error = unname(table[, 2])))
  }
  if (!inherits(fit, "glmpp_remote")) check_glm(fit)
  estimate <- coef(fit)
  errors <- sqrt(diag(vcov(fit, complete = FALSE)))
  data.frame(coefficient = names(estimate), estimate = unname(estimate),
             standard_error = unname(errors[names(estimate)]))
}

estimates_by <- function(fit, vcov) {
  refuse_named_covariance(fit, vcov)
  chosen <- covariance_to_test(fit, vcov)
  errors <- sqrt(diag(chosen$matrix))
  estimate <- coef(fit)
  structure(data.frame(coefficient = names(estimate), estimate = unname(estimate), standard_error = unname(errors[names(estimate)])),
            covariance = chosen$label)
}

refuse_named_covariance <- function(fit, vcov) {
  if (inherits(fit, "glmpp")) return(invisible())
  check_glm(fit)
  if (is.null(vcov) || is.matrix(vcov) || is.function(vcov)) return(invisible())
  stop_glmpp("argument", "`vcov` of a fit by glm() must be a matrix or a function.", i = "Fit it by glmpp() for \"HC1\" and its like.")
}

wald_interval <- function(table, level) {
  half <- qnorm((1 + level) / 2) * table$standard_error
  data.frame(lower = table$estimate - half, upper = table$estimate + half)
}

# In the order of `names`; a matrix of coefficients goes row by row.
match_truth <- function(truth, names, shape) {
  if (!is.numeric(truth) || length(truth) != length(names)) {
    stop_glmpp("argument", sprintf("`truth` must be numeric, with one element per coefficient (%d).", length(names)),
               x = sprintf("It is %s of length %d.", describe_type(truth), length(truth)))
  }
  if (is.matrix(truth) && !identical(dim(truth), shape)) {
    stop_glmpp("argument", "`truth` must have the shape of `coef(fit)`.",
               x = sprintf("It is %s; the coefficients are %s.", paste(dim(truth), collapse = " x "),
                           if (is.null(shape)) "a vector" else paste(shape, collapse = " x ")))
  }
  if (is.matrix(truth)) return(as.vector(t(truth)))
  if (is.null(names(truth))) return(as.vector(truth))
  unknown <- setdiff(names(truth), names)
  if (length(unknown)) {
    stop_glmpp("argument", "`truth` must be named like the coefficients, or have no names.",
               x = sprintf("Unknown: %s.", comma(unknown)), i = sprintf("Coefficients: %s.", comma(names)))
  }
  unname(truth[names])
}

# A name goes to the side away from the nearest neighbour: right and below, or left and above.
on_right <- function(truth) {
  order <- order(truth)
  gap <- diff(truth[order])
  replace(logical(length(truth)), order, c(Inf, gap) <= c(gap, Inf))
}

draw_names <- function(data) {
  right <- on_right(data$truth)
  write <- function(rows, adjust) {
    if (nrow(rows)) text(rows$truth, rows$estimate, rows$coefficient, adj = adjust, cex = 0.75, col = "grey30")
  }
  write(data[right, ], c(-0.2, 1.3))
  write(data[!right, ], c(1.2, -0.3))
}

recovery_labels <- function(chart) {
  list(x = "true coefficient", y = sprintf("estimated coefficient, %s interval", percent(chart$level)))
}

#' @export
plot.glmpp_coefficient_recovery <- function(x, ...) {
  data <- x$data
  labels <- recovery_labels(x)
  colour <- ifelse(data$covers, chart_colours[["blue"]], chart_colours[["vermillion"]])
  room <- diff(range(data$truth)) * c(-0.2, 0.2)
  draw_frame(list(xlim = range(data$truth) + room, ylim = range(data$lower, data$upper),
                  xlab = labels$x, ylab = labels$y, main = x$title), ...)
  abline(0, 1, col = guide_colour, lty = "dashed")
  segments(data$truth, data$lower, data$truth, data$upper, col = colour, lwd = 2)
  points(data$truth, data$estimate, pch = ifelse(data$covers, 16, 17), col = colour)
  if (nrow(data) <= 15) draw_names(data)
  legend("topleft", c("covers the truth", "misses it", "estimate = truth"), pch = c(16, 17, NA), cex = 0.85, bty = "n",
         lty = c(NA, NA, "dashed"), col = c(chart_colours[c("blue", "vermillion")], guide_colour))
  invisible(x)
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_coefficient_recovery <- function(object, ...) {
  need_ggplot2()
  data <- transform(object$data, interval = factor(ifelse(object$data$covers, "covers the truth", "misses it"),
                                                   c("covers the truth", "misses it")))
  labels <- recovery_labels(object)
  names <- ggplot2::geom_text(ggplot2::aes(label = .data$coefficient), hjust = ifelse(on_right(data$truth), -0.2, 1.2),
                              vjust = ifelse(on_right(data$truth), 1.3, -0.3), size = 3, colour = "grey30")
  ggplot2::ggplot(data, ggplot2::aes(.data$truth, .data$estimate, colour = .data$interval, shape = .data$interval)) +
    ggplot2::geom_abline(slope = 1, intercept = 0, linetype = "dashed", colour = guide_colour) +
    ggplot2::geom_pointrange(ggplot2::aes(ymin = .data$lower, ymax = .data$upper)) +
    (if (nrow(data) <= 15) names) +
    two_looks("interval") +
    ggplot2::scale_x_continuous(expand = ggplot2::expansion(mult = 0.2)) +
    ggplot2::labs(title = object$title, x = labels$x, y = labels$y) +
    light_theme()
}

#' Coefficients with their intervals
#'
#' One line per coefficient in the formula's order, on the scale of the link or exponentiated: odds ratios for the
#' logit, ratios of means for the log link.
#'
#' @param fit A fit by [glmpp()], of several categories too, or by [stats::glm()].
#' @param level Level of the intervals.
#' @param exponentiate Show `exp(coefficient)`, on a log axis? For the logit, log and cloglog links.
#' @param method `"wald"`: estimate plus and minus a normal quantile times the standard error; `"profile"`: the profile
#'   likelihood, by [stats::confint()] (not for fits of several categories).
#' @param per `"unit"`, or `"sd"` to multiply the coefficients of numeric columns with more than two values by their
#'   standard deviation, so that they can be compared.
#' @param vcov The covariance of Wald intervals, as in [vcov.glmpp()], section "In other verbs"; for a fit by [stats::glm()] a matrix or a function.
#' @param intercept Show the intercepts (the thresholds of ordinal fits)?
#' @returns A [glmpp_chart] of class `glmpp_coefficient_intervals`: `data` with one row per coefficient (`coefficient`,
#'   `estimate`, `lower`, `upper`, and whether the interval `covers_null`, no effect). Aliased coefficients are left
#'   out.
#' @section Conditions:
#' An error of class `glmpp_error_argument` for arguments of the wrong type or range, or when the link has no ratio.
#' @examples
#' fit <- glmpp(am ~ wt + hp, binomial, mtcars)
#' plot(coefficient_intervals(fit, exponentiate = TRUE, per = "sd"))
#' @concept forest plot
#' @concept odds ratio
#' @export
coefficient_intervals <- function(fit, level = 0.95, exponentiate = FALSE, method = c("wald", "profile"),
                                  per = c("unit", "sd"), intercept = FALSE, vcov = NULL) {
  check_share(level, "level")
  check_flag(exponentiate, "exponentiate")
  check_flag(intercept, "intercept")
  method <- check_choice(method, c("wald", "profile"), "method")
  per <- check_choice(per, c("unit", "sd"), "per")
  if (!is.null(vcov) && method != "wald") stop_glmpp("argument", "`vcov` goes with `method = \"wald\"`.")
  table <- estimates_of(fit, vcov)
  quantity <- if (exponentiate) ratio_name(fit$family) else "coefficient"
  interval <- if (method == "wald") wald_interval(table, level) else profile_interval(fit, level)
  scale <- if (per == "sd") column_scale(fit) else 1
  data <- data.frame(coefficient = table$coefficient, estimate = table$estimate * scale, interval * scale)
  data <- data[!is.na(data$estimate) & (intercept | !is_intercept(fit, data$coefficient)), ]
  data$covers_null <- !is_true(data$lower > 0) & !is_true(data$upper < 0)
  row.names(data) <- NULL
  if (exponentiate) data[c("estimate", "lower", "upper")] <- exp(data[c("estimate", "lower", "upper")])
  if (!nrow(data)) stop_glmpp("argument", "There is no coefficient to show.",
                              i = "`intercept = TRUE` shows the intercept.")
  label <- paste0(quantity, if (per == "sd") " per standard deviation")
  new_chart("coefficient_intervals", data,
            sprintf("%s, %s %s intervals%s", title_case(label), percent(level), if (method == "wald") "Wald" else method,
                    if (is.null(vcov)) "" else sprintf(" (%s)", attr(table, "covariance"))),
            label = paste0(label, if (exponentiate) ", log scale"), null = as.numeric(exponentiate),
            names = grouped_names(fit, data$coefficient))
}

# How coefficients are called in the picture: levels of a factor with many of them stand under its name.
grouped_names <- function(fit, coefficients, least = 4) {
  names <- data.frame(label = coefficients, group = "")
  if (inherits(fit, "glmpp_categories")) return(names)
  for (term in factor_terms(fit)) {
    own <- coefficients %in% colnames(term$coding)
    if (sum(own) < least) next
    names$label[own] <- substring(coefficients[own], nchar(term$name) + 1)
    names$group[own] <- term$name
  }
  names
}

# A limit that is NA is an open end.
is_true <- function(comparison) comparison %in% TRUE

is_intercept <- function(fit, names) grepl("(^|:)\\(Intercept\\)$", names) | names %in% names(fit$thresholds)

title_case <- function(text) paste0(toupper(substr(text, 1, 1)), substring(text, 2))

ratio_name <- function(family) {
  ratio <- ratio_of_link(family)
  if (!is.null(ratio)) return(ratio)
  stop_glmpp("argument", sprintf("`exponentiate` needs the link logit, log or cloglog, not %s.", family$link),
             i = "Under other links exp(coefficient) is no ratio of anything.")
}

# NULL: none.
ratio_of_link <- function(family) {
  if (family$link == "logit") return("odds ratio")
  if (family$link == "log") return(if (has_trials(family)) "risk ratio" else "ratio of means")
  if (family$link == "cloglog" && has_trials(family)) "hazard ratio"
}

profile_interval <- function(fit, level) {
  if (!inherits(fit, "glm")) {
    stop_glmpp("argument", "There are no profile intervals of fits of several categories.",
               i = "Use `method = \"wald\"`.")
  }
  if (!inherits(fit, "glmpp") && getRversion() < "4.4.0" && !requireNamespace("MASS", quietly = TRUE)) {
    stop_glmpp("package", "Profile intervals need the package MASS, which is not installed.",
               i = "`method = \"wald\"` does not.")
  }
  interval <- suppressMessages(confint(fit, level = level))
  interval <- matrix(interval, ncol = 2, dimnames = list(rownames(interval) %||% names(coef(fit)), NULL))
  data.frame(lower = interval[names(coef(fit)), 1], upper = interval[names(coef(fit)), 2], row.names = NULL)
}

# For each coefficient: several classes share the columns, thresholds have none.
column_scale <- function(fit) {
  x <- whole_design_matrix(fit)
  scale <- unname(apply(x, 2, function(column) if (length(unique(column)) > 2) sd(column) else 1))
  c(rep(scale, length.out = length(coef(fit))), rep(1, length(fit$thresholds)))
}

interval_rows <- function(chart) cbind(chart$names, chart$data[c("estimate", "lower", "upper")], open = chart$data$covers_null)

interval_caption <- "Open: the interval covers no effect"

#' @rdname coefficient_intervals
#' @param x A chart by `coefficient_intervals()`.
#' @param columns For `plot()` and `autoplot()`: the number of columns side by side that a long list is folded into; NULL: by the height of
#'   the figure (of a ggplot, one per 32 lines). Coefficients of a factor with four or more stand under its name.
#' @param ... Arguments to [graphics::plot.default()].
#' @export
plot.glmpp_coefficient_intervals <- function(x, columns = NULL, ...) {
  draw_forest(x, interval_rows(x), x$null == 1, ..., columns = columns)
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_coefficient_intervals <- function(object, columns = NULL, ...) {
  ggplot_forest(object, interval_rows(object), object$null == 1, columns, interval_caption)
}
