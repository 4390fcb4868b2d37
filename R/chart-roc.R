#' How well a binomial fit tells successes from failures
#'
#' The receiver operating characteristic: for every threshold on the fitted probability, the share of successes at or
#' above it against the share of failures there. The area below (AUC) is the probability that a success has a higher
#' fitted probability than a failure, ties counted half: the Mann-Whitney statistic.
#'
#' @param fit A fit by [glmpp()] or [stats::glm()] of the binomial or quasibinomial family.
#' @param newdata A data frame with the variables of the formula, the response among them; by default the rows of
#'   the fit. Judged on its own rows a model looks better than it is.
#' @param level Level of the confidence interval of the area.
#' @returns A [glmpp_chart] of class `glmpp_roc_points`: `data` with one row per threshold (`threshold`,
#'   `false_positive_rate`, `true_positive_rate`); `auc`, and its `interval` by DeLong's method. Prior weights and
#'   binomial totals count as so many rows.
#' @section Conditions:
#' An error of class `glmpp_error_family` if the response is not binomial, `glmpp_error_newdata` if `newdata` lacks the
#' response, and `glmpp_error_response` if there are no successes or no failures.
#' @references Hanley, J. A. and McNeil, B. J. (1982) The meaning and use of the area under a receiver operating
#'   characteristic (ROC) curve, *Radiology* 143, 29-36. DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988)
#'   Comparing the areas under two or more correlated receiver operating characteristic curves, *Biometrics* 44,
#'   837-845.
#' @examples
#' plot(roc_points(glmpp(am ~ hp, binomial, mtcars)))
#' @concept ROC
#' @concept AUC
#' @concept c statistic
#' @export
roc_points <- function(fit, newdata = NULL, level = 0.95) {
  check_share(level, "level")
  rows <- observed_outcomes(fit, newdata)
  counts <- threshold_counts(rows)
  area <- area_under_curve(counts)
  interval <- pmin(pmax(area$auc + c(-1, 1) * qnorm((1 + level) / 2) * area$standard_error, 0), 1)
  data <- data.frame(
    threshold = c(Inf, counts$probability), false_positive_rate = c(0, cumsum(counts$failures) / sum(counts$failures)),
    true_positive_rate = c(0, cumsum(counts$successes) / sum(counts$successes))
  )
  new_chart("roc_points", data, sprintf("ROC curve: area %.3f (%s interval %.3f to %.3f)", area$auc, percent(level),
                                        interval[1], interval[2]),
            notes = c(sprintf("%s successes, %s failures", format(sum(counts$successes)), format(sum(counts$failures))),
                      rows$notes),
            auc = area$auc, standard_error = area$standard_error, interval = interval)
}

# Fitted probabilities and outcomes of the fit's rows or of new ones; rows without weight or with NA are left out.
observed_outcomes <- function(fit, newdata) {
  check_glm(fit)
  if (!has_trials(fit$family)) {
    stop_glmpp("family", "The response must be binomial.", x = sprintf("The family of `fit` is %s.", fit$family$family),
               i = "residual_bins() and quantile_residuals() judge fits of other families.")
  }
  rows <- if (is.null(newdata)) {
    data.frame(probability = as.vector(fit$fitted.values), outcome = observed_response(fit),
               weight = as.vector(fit$prior.weights))
  } else new_outcomes(fit, newdata)
  whole <- complete.cases(rows)
  list(probability = rows$probability[whole & rows$weight > 0], outcome = rows$outcome[whole & rows$weight > 0],
       weight = rows$weight[whole & rows$weight > 0],
       notes = if (!all(whole)) sprintf("%s with missing values left out", plural(sum(!whole), "row")))
}

new_outcomes <- function(fit, newdata) {
  terms <- terms(fit)
  variable <- attr(terms, "variables")[[1 + attr(terms, "response")]]
  absent <- setdiff(all.vars(variable), names(newdata))
  if (!is.data.frame(newdata) || length(absent)) {
    stop_glmpp("newdata", "`newdata` must be a data frame with the response.",
               x = if (is.data.frame(newdata)) sprintf("It lacks %s.", comma(absent))
                   else sprintf("It is %s.", describe_type(newdata)))
  }
  y <- eval(variable, newdata, environment(terms))
  weights <- if (!is.null(fit$call$weights)) eval(fit$call$weights, newdata, environment(terms))
  known <- complete.cases(y)
  rows <- data.frame(probability = as.vector(predict(fit, newdata, type = "response")), outcome = NA_real_,
                     weight = NA_real_)
  response <- new_response(if (is.matrix(y)) y[known, , drop = FALSE] else y[known], weights[known], NULL, NULL, NULL,
                           fit$family, NULL, deparse1(variable))
  rows$outcome[known] <- as.double(response$y)
  rows$weight[known] <- full_weights(response)
  rows
}

# Successes and failures at each distinct probability, the highest first.
threshold_counts <- function(rows) {
  probability <- sort(unique(rows$probability), decreasing = TRUE)
  group <- match(rows$probability, probability)
  counts <- list(probability = probability, successes = as.vector(rowsum(rows$weight * rows$outcome, group)),
                 failures = as.vector(rowsum(rows$weight * (1 - rows$outcome), group)))
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

# Where the curve passes a few thresholds: the last point at or above each.
marked_thresholds <- function(data, thresholds = c(0.25, 0.5, 0.75)) {
  row <- vapply(thresholds, function(threshold) sum(data$threshold >= threshold), 0)
  marks <- cbind(data[row, ], label = format(thresholds))
  marks[is.finite(marks$threshold) & row < nrow(data), ]
}

draw_thresholds <- function(marks) {
  if (!nrow(marks)) return(invisible())
  points(marks$false_positive_rate, marks$true_positive_rate, pch = 16, col = chart_colours[["vermillion"]])
  text(marks$false_positive_rate, marks$true_positive_rate - 0.03, marks$label, pos = 4, cex = 0.85,
       col = chart_colours[["vermillion"]])
  legend("bottomright", "thresholds on the fitted probability", pch = 16, col = chart_colours[["vermillion"]],
         bty = "n", cex = 0.85)
}

roc_labels <- list(x = "false positive rate (1 - specificity)", y = "true positive rate (sensitivity)")

#' @export
plot.glmpp_roc_points <- function(x, ...) {
  draw_frame(list(xlim = c(0, 1), ylim = c(0, 1), xlab = roc_labels$x, ylab = roc_labels$y, main = x$title), ...)
  segments(0, 0, 1, 1, col = guide_colour, lty = "dashed")
  text(0.62, 0.57, "chance", col = guide_colour, pos = 4)
  data <- x$data[drawn_rows(nrow(x$data)), ]
  draw_band(data$false_positive_rate, 0, data$true_positive_rate)
  lines(data$false_positive_rate, data$true_positive_rate, col = chart_colours[["blue"]], lwd = 2)
  draw_thresholds(marked_thresholds(x$data))
  invisible(x)
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_roc_points <- function(object, ...) {
  need_ggplot2()
  rates <- ggplot2::aes(.data$false_positive_rate, .data$true_positive_rate)
  marks <- marked_thresholds(object$data)
  ggplot2::ggplot(object$data[drawn_rows(nrow(object$data)), ], rates) +
    ggplot2::geom_abline(slope = 1, intercept = 0, linetype = "dashed", colour = guide_colour) +
    ggplot2::annotate("text", x = 0.65, y = 0.58, label = "chance", hjust = 0, colour = guide_colour) +
    ggplot2::geom_ribbon(ggplot2::aes(ymin = 0, ymax = .data$true_positive_rate), fill = chart_colours[["sky"]],
                         alpha = 0.25) +
    ggplot2::geom_path(colour = chart_colours[["blue"]]) +
    ggplot2::geom_point(data = marks, colour = chart_colours[["vermillion"]]) +
    ggplot2::geom_text(ggplot2::aes(label = .data$label), data = marks, hjust = -0.25, vjust = 1.4,
                       colour = chart_colours[["vermillion"]]) +
    ggplot2::coord_equal() +
    ggplot2::labs(title = object$title, x = roc_labels$x, y = roc_labels$y,
                  caption = "Points: thresholds on the fitted probability") +
    light_theme()
}
