set.seed(11)
claims <- data.frame(x = rnorm(600), g = sample(c("a", "b", "c"), 600, TRUE), e = runif(600, 0.2, 1))
claims$n <- rpois(600, claims$e * exp(0.4 * claims$x + (claims$g == "b") / 2))
claims$event <- rbinom(600, 1, plogis(claims$x))
counts <- glmpp(n ~ x + g + offset(log(e)), poisson, claims)
rate <- fitted(counts) / claims$e

bin_of <- function(score, weight, bins) {
  place <- order(score)
  middle <- cumsum(weight[place]) - weight[place] / 2
  bin <- integer(length(score))
  bin[place] <- ceiling(bins * middle / sum(weight))
  bin
}

test_that("bins hold the sums of counts over the sums of exposure", {
  chart <- lift_bins(counts, bins = 7)
  bin <- bin_of(rate, claims$e, 7)
  expect_equal(chart$data$rows, as.vector(table(bin)))
  expect_equal(chart$data$exposure, as.vector(tapply(claims$e, bin, sum)))
  expect_equal(chart$data$observed, as.vector(tapply(claims$n, bin, sum) / tapply(claims$e, bin, sum)))
  expect_equal(chart$data$fitted, as.vector(tapply(fitted(counts), bin, sum) / tapply(claims$e, bin, sum)))
  expect_equal(chart$data$lift, chart$data$observed / (sum(claims$n) / sum(claims$e)))
})

test_that("an exposure is that of the offset, of the weights, or the one given", {
  by_offset <- lift_bins(counts)$data
  by_argument <- glmpp(n ~ x + g, poisson, claims, offset = log(e))
  plain <- glm(n ~ x + g + offset(log(e)), poisson, claims, epsilon = 1e-14)
  frequency <- suppressWarnings(glmpp(n / e ~ x + g, quasipoisson, claims, weights = e))
  for (chart in list(lift_bins(counts, exposure = "e"), lift_bins(counts, exposure = claims$e), lift_bins(by_argument), lift_bins(plain),
                     lift_bins(frequency), lift_bins(frequency, exposure = "e"), lift_bins(counts, claims), lift_bins(plain, claims),
                     lift_bins(frequency, claims))) {
    expect_equal(chart$data, by_offset, tolerance = 1e-6)
  }
  expect_identical(lift_bins(counts)$exposure, "e")
  each <- lift_bins(counts, exposure = rep(1, 600))$data
  expect_equal(each$exposure, as.numeric(each$rows))
})

test_that("rows without weight and with missing values are left out", {
  weighted <- glmpp(event ~ x, binomial, claims, weights = rep(0:1, 300))
  expect_equal(lift_bins(weighted)$data, lift_bins(glmpp(event ~ x, binomial, claims[rep(0:1, 300) == 1, ]))$data, tolerance = 1e-6)
  gaps <- claims
  gaps$x[3] <- gaps$n[5] <- gaps$e[9] <- NA
  expect_equal(lift_bins(counts, gaps)$data, lift_bins(counts, claims[-c(3, 5, 9), ])$data)
  expect_match(lift_bins(counts, gaps)$notes, "3 rows with missing", all = FALSE)
  holes <- glmpp(n ~ x + offset(log(e)), poisson, gaps)
  expect_equal(lift_bins(holes, exposure = gaps$e)$data, lift_bins(holes)$data)
})

test_that("the Gini of a binomial fit is 2 AUC - 1, of trials too", {
  fit <- glmpp(event ~ x, binomial, claims)
  expect_equal(gain_curve(fit)$gini, 2 * roc_points(fit)$auc - 1, tolerance = 1e-12)
  ranks <- rank(fitted(fit))
  positives <- sum(claims$event)
  auc <- (sum(ranks[claims$event == 1]) - positives * (positives + 1) / 2) / positives / (600 - positives)
  expect_equal(gain_curve(fit)$gini, 2 * auc - 1, tolerance = 1e-12)
  trials <- data.frame(x = c(1, 2, 3, 4), yes = c(1, 3, 4, 8), no = c(6, 5, 4, 2))
  grouped <- glmpp(cbind(yes, no) ~ x, binomial, trials)
  expect_equal(gain_curve(grouped)$gini, 2 * roc_points(grouped)$auc - 1, tolerance = 1e-12)
  skip_if_not_installed("pROC")
  expect_equal(gain_curve(fit)$gini, 2 * as.numeric(pROC::auc(claims$event, fitted(fit), levels = 0:1, direction = "<")) - 1)
})

test_that("the Gini of claims is the area of the ordered Lorenz curve", {
  chart <- gain_curve(counts)
  place <- order(rate)
  exposure <- c(0, cumsum(claims$e[place]) / sum(claims$e))
  response <- c(0, cumsum(claims$n[place]) / sum(claims$n))
  area <- sum(diff(exposure) * (response[-1] + response[-601]) / 2)
  expect_equal(chart$gini, 1 - 2 * area, tolerance = 1e-10)
  place <- order(claims$n / claims$e)
  exposure <- c(0, cumsum(claims$e[place]) / sum(claims$e))
  response <- c(0, cumsum(claims$n[place]) / sum(claims$n))
  best <- 1 - 2 * sum(diff(exposure) * (response[-1] + response[-601]) / 2)
  expect_equal(chart$normalised, chart$gini / best, tolerance = 1e-10)
  row <- chart$data[100, ]
  expect_equal(row$response, sum(claims$n[rate >= row$score]) / sum(claims$n))
  expect_equal(row$exposure, sum(claims$e[rate >= row$score]) / sum(claims$e))
})

test_that("a fit without order has a Gini of 0, one that knows the response the most there is", {
  expect_equal(gain_curve(glmpp(n ~ 1 + offset(log(e)), poisson, claims))$gini, 0)
  expect_equal(gain_curve(glmpp(n ~ 1, poisson, claims), exposure = rep(2, 600))$gini, 0)
  expect_equal(gain_curve(glmpp(y ~ x, poisson, data.frame(y = c(1, 2, 5, 9), x = 1:4)))$normalised, 1)
  levels <- glmpp(n ~ g + offset(log(e)), poisson, claims)
  expect_identical(nrow(gain_curve(levels)$data), 4L)
  expect_identical(sort(lift_bins(levels)$data$rows), sort(as.vector(table(claims$g))))
})

test_that("several gain curves are those of each fit", {
  poor <- glmpp(n ~ g + offset(log(e)), poisson, claims)
  chart <- gain_curve(rich = counts, poor = poor)
  expect_equal(chart$gini, c(rich = gain_curve(counts)$gini, poor = gain_curve(poor)$gini))
  expect_equal(chart$data[chart$data$fit == "poor", -1], gain_curve(poor)$data, ignore_attr = "row.names")
  expect_identical(levels(gain_curve(counts, poor)$data$fit), c("n ~ x + g + offset(log(e))", "n ~ g + offset(log(e))"))
  expect_match(gain_curve(counts, glmpp(n ~ x, poisson, claims[1:99, ]))$notes, "different rows: 600, 99", all = FALSE)
})

test_that("double lift orders rows by the ratio, and names the nearer fit", {
  poor <- glmpp(n ~ g + offset(log(e)), poisson, claims)
  chart <- double_lift_bins(poor, counts, bins = 4)
  ratio <- fitted(counts) / fitted(poor)
  bin <- bin_of(ratio, claims$e, 4)
  mean_in <- function(values) as.vector(tapply(values, bin, sum) / tapply(claims$e, bin, sum))
  expect_equal(chart$data$observed, mean_in(claims$n))
  expect_equal(chart$data$fitted_a, mean_in(fitted(poor)))
  expect_equal(chart$data$fitted_b, mean_in(fitted(counts)))
  expect_equal(chart$data$ratio, mean_in(ratio * claims$e))
  expect_equal(chart$error[["poor"]], weighted.mean(abs(chart$data$fitted_a - chart$data$observed), chart$data$exposure))
  expect_match(chart$title, "counts is nearer")
  expect_equal(double_lift_bins(poor, counts, claims, bins = 4)$data, chart$data)
  frequency <- suppressWarnings(glmpp(n / e ~ x + g, quasipoisson, claims, weights = e))
  expect_equal(double_lift_bins(poor, frequency, bins = 4)$data, chart$data, tolerance = 1e-6)
  expect_identical(double_lift_bins(poor, update(poor, . ~ . + x), labels = c("old", "new"))$labels, c("old", "new"))
})

test_that("fits from afar are judged by rows at hand", {
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  write.csv(claims, file, row.names = FALSE)
  far <- glmpp(n ~ x + g + offset(log(e)), poisson, csv_chunks(file, rows = 200))
  expect_equal(lift_bins(far, claims)$data, lift_bins(counts)$data, tolerance = 1e-6)
  expect_equal(gain_curve(far, newdata = claims)$gini, gain_curve(counts)$gini, tolerance = 1e-6)
  poor <- glmpp(n ~ g + offset(log(e)), poisson, claims)
  expect_equal(double_lift_bins(poor, far, claims)$data, double_lift_bins(poor, counts, claims)$data, tolerance = 1e-6)
  expect_error(lift_bins(far), "newdata", class = "glmpp_error_rows")
  expect_error(gain_curve(far), class = "glmpp_error_rows")
})

test_that("wrong arguments are refused", {
  expect_error(lift_bins(1), "fit by glmpp", class = "glmpp_error_argument")
  expect_error(lift_bins(counts, bins = 1), class = "glmpp_error_argument")
  expect_error(lift_bins(counts, exposure = "f"), "`exposure` must name", class = "glmpp_error_argument")
  expect_error(lift_bins(counts, claims, exposure = "f"), class = "glmpp_error_newdata")
  expect_error(lift_bins(counts, exposure = 1:3), "one element per row", class = "glmpp_error_argument")
  expect_error(lift_bins(counts, exposure = -claims$e), "positive", class = "glmpp_error_argument")
  expect_error(lift_bins(counts, claims["x"]), "lacks n", class = "glmpp_error_newdata")
  expect_error(gain_curve(), class = "glmpp_error_argument")
  expect_error(gain_curve(a = counts, b = 2), "`b` must be", class = "glmpp_error_argument")
  expect_error(gain_curve(glmpp(x ~ e, gaussian, claims)), "not negative", class = "glmpp_error_response")
  expect_error(double_lift_bins(counts, glmpp(n ~ x, poisson, claims[1:99, ])), "same rows", class = "glmpp_error_argument")
  expect_error(double_lift_bins(counts, glmpp(event ~ x, binomial, claims)), "same rows", class = "glmpp_error_argument")
  expect_error(double_lift_bins(counts, counts, labels = "a"), class = "glmpp_error_argument")
  straight <- glmpp(x ~ e, gaussian, claims)
  expect_error(double_lift_bins(straight, straight), "positive", class = "glmpp_error_response")
})
