#' How well a binomial fit tells successes from failures
#'
#' The receiver operating characteristic: for every threshold on the fitted probability, the share of successes at or
#' above it against the share of failures there. The area below (AUC) is the probability that a success has a higher
#' fitted probability than a failure, ties counted half: the Mann-Whitney statistic.
#'
#' @param ... Fits by [glmpp()] or [stats::glm()] of the binomial or quasibinomial family, or of several categories; names become labels.
#'   Unnamed fits are called by their formula. Those from afar need `newdata`. A data frame after a fit is taken for `newdata`.
#' @param newdata A data frame with the variables of the formula, the response among them; by default the rows of
#'   the fit. Judged on its own rows a model looks better than it is.
#' @param level Level of the confidence interval of the area.
#' @param outcome For fits of several categories: the names of the classes that count as success, against the others.
#' @returns A [glmpp_chart] of class `glmpp_roc_points`: `data` with one row per threshold (`threshold`,
#'   `false_positive_rate`, `true_positive_rate`); `auc`, its `standard_error` and its `interval` by DeLong's method. Of several fits
#'   `data` has a column `fit`, `auc` and `standard_error` have one element and `interval` one row for each. Prior weights and
#'   binomial totals count as so many rows. `plot(, thresholds = )` and `autoplot(, thresholds = )` mark where the curve passes those
#'   thresholds: by default 0.25, 0.5 and 0.75, where there are such, on a single curve and none on several.
#' @section Comparing areas:
#' Curves on the same rows are correlated, so that their intervals may overlap though the areas differ. The package \pkg{pROC} has
#' DeLong's test of the difference: `pROC::roc.test(pROC::roc(y, fitted(a)), pROC::roc(y, fitted(b)), paired = TRUE)`.
#' @section Conditions:
#' An error of class `glmpp_error_family` if the response is not binomial, `glmpp_error_categories` for a fit of several categories without
#' `outcome`, `glmpp_error_newdata` if `newdata` lacks the response, `glmpp_error_rows` for a fit from afar without `newdata`, and
#' `glmpp_error_response` if there are no successes or no failures.
#' @references Hanley, J. A. and McNeil, B. J. (1982) The meaning and use of the area under a receiver operating
#'   characteristic (ROC) curve, *Radiology* 143, 29-36. DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988)
#'   Comparing the areas under two or more correlated receiver operating characteristic curves, *Biometrics* 44,
#'   837-845.
#' @seealso [threshold_table()] for what a threshold costs, [gain_curve()] for the Gini coefficient.
#' @examples
#' fit <- glmpp(am ~ hp, binomial, mtcars)
#' plot(roc_points(fit), thresholds = 0.4)
#' plot(roc_points(power = fit, weight = update(fit, . ~ wt)))
#' @concept ROC
#' @concept AUC
#' @concept c statistic
#' @export
roc_points <- function(..., newdata = NULL, level = 0.95, outcome = NULL) {
  check_share(level, "level")
  given <- judged_fits(list(...), newdata)
  curves <- lapply(given$fits, roc_curve, given$newdata, level, outcome)
  data <- bind_curves(lapply(curves, `[[`, "data"))
  if (length(curves) == 1) {
    curve <- curves[[1]]
    return(new_chart("roc_points", data, sprintf("ROC curve: area %.3f (%s interval %.3f to %.3f)", curve$auc, percent(level),
                                                 curve$interval[1], curve$interval[2]),
                     notes = c(curve$counts, curve$notes), auc = curve$auc, standard_error = curve$standard_error,
                     interval = curve$interval))
  }
  auc <- vapply(curves, `[[`, 0, "auc")
  interval <- t(vapply(curves, `[[`, c(0, 0), "interval"))
  counts <- unique(vapply(curves, `[[`, "", "counts"))
  new_chart("roc_points", data, "ROC curves and their areas",
            notes = c(sprintf("%s: area %.3f (%s interval %.3f to %.3f)", names(auc), auc, percent(level), interval[, 1], interval[, 2]),
                      if (length(counts) > 1) "the fits are judged on different rows", counts, unique(unlist(lapply(curves, `[[`, "notes")))),
            auc = auc, standard_error = vapply(curves, `[[`, 0, "standard_error"), interval = interval)
}

# The points of one curve, its area and the interval of that.
roc_curve <- function(fit, newdata, level, outcome) {
  rows <- observed_outcomes(fit, newdata, outcome)
  counts <- threshold_counts(rows)
  area <- area_under_curve(counts)
  data <- data.frame(
    threshold = c(Inf, counts$probability), false_positive_rate = c(0, cumsum(counts$failures) / sum(counts$failures)),
    true_positive_rate = c(0, cumsum(counts$successes) / sum(counts$successes))
  )
  list(data = data, auc = area$auc, standard_error = area$standard_error,
       interval = pmin(pmax(area$auc + c(-1, 1) * qnorm((1 + level) / 2) * area$standard_error, 0), 1),
       counts = sprintf("%s successes, %s failures", format(sum(counts$successes)), format(sum(counts$failures))), notes = rows$notes)
}

# Fitted probabilities and outcomes of the fit's rows or of new ones.
observed_outcomes <- function(fit, newdata, outcome = NULL) {
  check_judged(fit, "`fit`")
  if (!inherits(fit, "glmpp_categories") && !has_trials(fit$family)) {
    stop_glmpp("family", "The response must be binomial.", x = sprintf("The family of `fit` is %s.", fit$family$family),
               i = "lift_bins(), gain_curve(), residual_bins() and quantile_residuals() judge fits of other families.")
  }
  rows <- judged_rows(fit, newdata, outcome = outcome)
  list(probability = rows$data$fitted, outcome = rows$data$observed, weight = rows$data$weight, notes = rows$notes)
}

# Successes and failures at each distinct probability, the highest first.
outcome_counts <- function(rows) {
  probability <- sort(unique(rows$probability), decreasing = TRUE)
  group <- match(rows$probability, probability)
  list(probability = probability, successes = as.vector(rowsum(rows$weight * rows$outcome, group)),
       failures = as.vector(rowsum(rows$weight * (1 - rows$outcome), group)))
}

# The same, of rows with both.
threshold_counts <- function(rows) {
  counts <- outcome_counts(rows)
  lacking <- c("successes", "failures")[c(sum(counts$successes), sum(counts$failures)) == 0]
  if (length(lacking)) {
    stop_glmpp("response", "An ROC curve needs both successes and failures.",
               x = sprintf("There are no %s.", lacking[1]))
  }
  counts
}

# DeLong's variance: how much the share of the others that each row beats varies among successes and among failures.
area_under_curve <- function(counts) {
  positives <- sum(counts$successes)
  negatives <- sum(counts$failures)
  beaten <- 1 - (cumsum(counts$failures) - counts$failures / 2) / negatives
  beating <- (cumsum(counts$successes) - counts$successes / 2) / positives
  auc <- sum(counts$successes * beaten) / positives
  variance <- sum(counts$successes * (beaten - auc)^2) / (positives - 1) / positives +
    sum(counts$failures * (beating - auc)^2) / (negatives - 1) / negatives
  list(auc = auc, standard_error = sqrt(variance))
}

# Where each curve passes thresholds: the last point at or above each. By default those that there are, on a single curve.
marked_thresholds <- function(chart, thresholds) {
  curves <- split_curves(chart$data)
  looks <- series_looks(length(curves))
  if (is.null(thresholds)) return(if (length(curves) == 1) inner_marks(curves[[1]], c(0.25, 0.5, 0.75)))
  if (!is.numeric(thresholds) || anyNA(thresholds) || any(thresholds < 0 | thresholds > 1)) {
    stop_glmpp("argument", "`thresholds` must be numbers from 0 to 1.", x = sprintf("It is %s.", value_text(thresholds)))
  }
  if (!length(thresholds)) return(NULL)
  marks <- lapply(seq_along(curves), function(k) {
    colour <- if (length(curves) == 1) chart_colours[["vermillion"]] else looks$colour[k]
    cbind(marks_at(curves[[k]], thresholds), colour = colour)
  })
  do.call(rbind, marks)
}

marks_at <- function(curve, thresholds) {
  row <- vapply(thresholds, function(threshold) sum(curve$threshold >= threshold), 0)
  cbind(curve[row, c("threshold", "false_positive_rate", "true_positive_rate")], label = format_each(thresholds), row = row)
}

inner_marks <- function(curve, thresholds) {
  marks <- marks_at(curve, thresholds)
  marks <- marks[is.finite(marks$threshold) & marks$row < nrow(curve), ]
  if (nrow(marks)) cbind(marks, colour = chart_colours[["vermillion"]])
}

draw_thresholds <- function(marks, is_one) {
  if (is.null(marks)) return(invisible())
  points(marks$false_positive_rate, marks$true_positive_rate, pch = 16, col = marks$colour)
  text(marks$false_positive_rate, marks$true_positive_rate - 0.03, marks$label, pos = 4, cex = 0.85, col = marks$colour)
  if (is_one) {
    legend("bottomright", "thresholds on the fitted probability", pch = 16, col = chart_colours[["vermillion"]], bty = "n", cex = 0.85)
  }
}

roc_labels <- list(x = "false positive rate (1 - specificity)", y = "true positive rate (sensitivity)")
roc_columns <- c("false_positive_rate", "true_positive_rate")

# The points to draw of each curve; several are called by their areas too.
drawn_rocs <- function(chart) {
  curves <- lapply(split_curves(chart$data), function(curve) curve[drawn_rows(nrow(curve)), ])
  if (length(curves) == 1) return(curves)
  names(curves) <- sprintf("%s: %.3f", names(chart$auc), chart$auc)
  Map(function(curve, name) transform(curve, fit = factor(name, names(curves))), curves, names(curves))
}

#' @rdname roc_points
#' @param x A chart by `roc_points()`.
#' @param thresholds Thresholds on the fitted probability to mark; `numeric()` for none.
#' @export
plot.glmpp_roc_points <- function(x, thresholds = NULL, ...) {
  marks <- marked_thresholds(x, thresholds)
  curves <- drawn_rocs(x)
  is_one <- length(curves) == 1
  draw_frame(list(xlim = c(0, 1), ylim = c(0, 1), xlab = roc_labels$x, ylab = roc_labels$y, main = x$title), ...)
  segments(0, 0, 1, 1, col = guide_colour, lty = "dashed")
  text(0.62, 0.57, "chance", col = guide_colour, pos = 4)
  if (is_one) draw_band(curves[[1]]$false_positive_rate, 0, curves[[1]]$true_positive_rate)
  draw_curves(curves, roc_columns, "bottomright")
  draw_thresholds(marks, is_one)
  invisible(x)
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_roc_points <- function(object, thresholds = NULL, ...) {
  need_ggplot2()
  marks <- marked_thresholds(object, thresholds)
  curves <- drawn_rocs(object)
  is_one <- length(curves) == 1
  ggplot2::ggplot(curves[[1]], ggplot2::aes(.data$false_positive_rate, .data$true_positive_rate)) +
    ggplot2::annotate("segment", x = 0, y = 0, xend = 1, yend = 1, linetype = "dashed", colour = guide_colour) +
    ggplot2::annotate("text", x = 0.65, y = 0.58, label = "chance", hjust = 0, colour = guide_colour) +
    (if (is_one) ggplot2::geom_ribbon(ggplot2::aes(ymin = 0, ymax = .data$true_positive_rate), fill = chart_colours[["sky"]], alpha = 0.25)) +
    light_theme() +
    ggplot_curves(curves, roc_columns) +
    (if (!is.null(marks)) list(
      ggplot2::geom_point(data = marks, colour = marks$colour),
      ggplot2::geom_text(ggplot2::aes(label = .data$label), data = marks, hjust = -0.25, vjust = 1.4, colour = marks$colour)
    )) +
    ggplot2::coord_equal(xlim = c(0, 1), ylim = c(0, 1)) +
    ggplot2::labs(title = object$title, x = roc_labels$x, y = roc_labels$y,
                  caption = if (!is.null(marks)) "Points: thresholds on the fitted probability")
}
