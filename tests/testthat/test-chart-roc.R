fit <- glmpp(am ~ hp, binomial, mtcars)

test_that("the area is the Mann-Whitney statistic over the number of pairs", {
  for (model in list(fit, glmpp(am ~ factor(cyl), binomial, mtcars), glm(vs ~ wt, binomial, mtcars))) {
    split_up <- split(fitted(model), model$y)
    pairs <- wilcox.test(split_up[["1"]], split_up[["0"]], exact = FALSE)$statistic
    expect_equal(roc_points(model)$auc, unname(pairs) / prod(lengths(split_up)), tolerance = 1e-12)
  }
})

test_that("every threshold has the rates that counting gives", {
  chart <- roc_points(fit)
  y <- mtcars$am
  for (i in seq_len(nrow(chart$data))) {
    positive <- fitted(fit) >= chart$data$threshold[i]
    expect_equal(chart$data$true_positive_rate[i], mean(positive[y == 1]))
    expect_equal(chart$data$false_positive_rate[i], mean(positive[y == 0]))
  }
})

test_that("the interval is DeLong's, from the placements of each row", {
  p1 <- fitted(fit)[mtcars$am == 1]
  p0 <- fitted(fit)[mtcars$am == 0]
  wins <- outer(p1, p0, function(a, b) (a > b) + 0.5 * (a == b))
  variance <- var(rowMeans(wins)) / length(p1) + var(colMeans(wins)) / length(p0)
  chart <- roc_points(fit, level = 0.9)
  expect_equal(chart$standard_error, sqrt(variance), tolerance = 1e-12)
  expect_equal(chart$interval, mean(wins) + c(-1, 1) * qnorm(0.95) * sqrt(variance), tolerance = 1e-12)
})

test_that("grouped rows give what the single trials give", {
  trials <- data.frame(x = c(1, 2, 3, 4), yes = c(1, 3, 4, 8), no = c(6, 5, 4, 2))
  single <- data.frame(x = rep(trials$x, trials$yes + trials$no), y = unlist(Map(function(a, b) rep(1:0, c(a, b)), trials$yes, trials$no)))
  grouped_fit <- glmpp(cbind(yes, no) ~ x, binomial, trials)
  single_fit <- glmpp(y ~ x, binomial, single)
  same <- c("auc", "standard_error", "interval")
  expect_equal(roc_points(grouped_fit)[same], roc_points(single_fit)[same], tolerance = 1e-7)
  expect_equal(calibration_bins(grouped_fit, bins = 4)$data[-1], calibration_bins(single_fit, bins = 4)$data[-1], tolerance = 1e-7)
  expect_equal(roc_points(grouped_fit, newdata = trials)$auc, roc_points(grouped_fit)$auc, tolerance = 1e-10)
})

test_that("new rows are judged by their own response, without those that miss a value", {
  half <- mtcars[seq(1, 32, 2), ]
  other <- mtcars[seq(2, 32, 2), ]
  model <- glmpp(am ~ hp, binomial, half)
  p <- predict(model, other, type = "response")
  wins <- outer(p[other$am == 1], p[other$am == 0], function(a, b) (a > b) + 0.5 * (a == b))
  expect_equal(roc_points(model, other)$auc, mean(wins))
  gaps <- rbind(other, transform(other[1:2, ], am = c(NA, 1), hp = c(100, NA)))
  expect_equal(roc_points(model, gaps)$auc, mean(wins))
  expect_match(roc_points(model, gaps)$notes, "2 rows with missing values left out", all = FALSE)
})

test_that("what can't have an ROC curve is refused", {
  expect_error(roc_points(1), class = "glmpp_error_argument")
  expect_error(roc_points(lm(mpg ~ wt, mtcars)), class = "glmpp_error_argument")
  expect_error(roc_points(glmpp(mpg ~ wt, gaussian, mtcars)), "must be binomial", class = "glmpp_error_family")
  expect_error(roc_points(fit, mtcars["hp"]), "lacks am", class = "glmpp_error_newdata")
  expect_error(roc_points(fit, newdata = as.list(mtcars)), class = "glmpp_error_newdata")
  expect_error(roc_points(fit, mtcars[mtcars$am == 1, ]), "no failures", class = "glmpp_error_response")
  expect_error(roc_points(fit, level = 95), "between 0 and 1", class = "glmpp_error_argument")
})

test_that("several curves are those of each fit, on one chart", {
  other <- glm(am ~ wt, binomial, mtcars)
  chart <- roc_points(power = fit, weight = other, level = 0.9)
  single <- list(power = roc_points(fit, level = 0.9), weight = roc_points(other, level = 0.9))
  for (name in names(single)) {
    expect_equal(chart$data[chart$data$fit == name, -1], single[[name]]$data, ignore_attr = "row.names")
    expect_equal(chart$auc[[name]], single[[name]]$auc)
    expect_equal(chart$interval[name, ], single[[name]]$interval)
  }
  expect_identical(levels(roc_points(fit, other)$data$fit), c("am ~ hp", "am ~ wt"))
  expect_equal(roc_points(fit, other, mtcars[1:20, ])$auc[[2]], roc_points(other, newdata = mtcars[1:20, ])$auc)
  expect_error(roc_points(a = fit, b = glmpp(mpg ~ wt, gaussian, mtcars)), class = "glmpp_error_family")
  skip_if_not_installed("pROC")
  curve <- pROC::roc(mtcars$am, fitted(other), levels = 0:1, direction = "<")
  expect_equal(unname(chart$auc[["weight"]]), as.numeric(pROC::auc(curve)))
  expect_equal(chart$interval["weight", ], as.numeric(pROC::ci(curve, conf.level = 0.9))[c(1, 3)], tolerance = 1e-8)
})

test_that("chosen thresholds are marked where the rates are theirs, and only then is it said", {
  chart <- roc_points(fit)
  marks <- glmpp:::marked_thresholds(chart, c(0.3, 0.999))
  flagged <- fitted(fit) >= 0.3
  expect_equal(marks$true_positive_rate, c(mean(flagged[mtcars$am == 1]), 0))
  expect_equal(marks$false_positive_rate, c(mean(flagged[mtcars$am == 0]), 0))
  rare <- glmpp(y ~ x, binomial, data.frame(y = rep(0:1, c(190, 10)), x = rep(1:5, 40)))
  expect_null(glmpp:::marked_thresholds(roc_points(rare), NULL))
  expect_identical(nrow(glmpp:::marked_thresholds(roc_points(fit, rare = rare, newdata = NULL), 0.05)), 2L)
  expect_error(plot(chart, thresholds = 2), "0 to 1", class = "glmpp_error_argument")
  skip_if_not_installed("ggplot2")
  expect_null(ggplot2::autoplot(roc_points(rare))$labels$caption)
  expect_match(ggplot2::autoplot(chart)$labels$caption, "thresholds")
})

test_that("some classes of several are success", {
  flowers <- glmpp(Species ~ Sepal.Width, multinomial(), iris)
  p <- fitted(flowers)[, "versicolor"] + fitted(flowers)[, "virginica"]
  is_success <- iris$Species != "setosa"
  wins <- outer(p[is_success], p[!is_success], function(a, b) (a > b) + 0.5 * (a == b))
  outcome <- c("virginica", "versicolor")
  expect_equal(roc_points(flowers, outcome = outcome)$auc, mean(wins))
  expect_equal(gain_curve(flowers, outcome = outcome)$gini, 2 * mean(wins) - 1)
  expect_equal(roc_points(flowers, newdata = iris, outcome = outcome)$data, roc_points(flowers, outcome = outcome)$data)
  expect_equal(calibration_bins(flowers, outcome = "setosa")$brier, mean((fitted(flowers)[, 1] - !is_success)^2))
  expect_equal(sum(lift_bins(flowers, outcome = "setosa")$data$rows), 150)
  expect_error(roc_points(flowers), "outcome = \"virginica\"", class = "glmpp_error_categories")
  expect_error(roc_points(flowers, outcome = "rose"), "virginica", class = "glmpp_error_argument")
  expect_error(roc_points(fit, outcome = "1"), class = "glmpp_error_argument")

  table <- cbind(a = c(1, 3, 4, 5), b = c(3, 4, 2, 1), c = c(2, 2, 2, 6))
  counted <- glmpp(table ~ x, multinomial(), data.frame(x = c(1, 2, 3, 5)))
  two <- glmpp(cbind(table[, "a"], table[, "b"] + table[, "c"]) ~ x, binomial, data.frame(x = c(1, 2, 3, 5)))
  expect_equal(calibration_bins(counted, bins = 4, outcome = "a")$data[c("rows", "weight")], calibration_bins(two, bins = 4)$data[c("rows", "weight")])
  weighted <- glmpp(Species ~ Sepal.Width, ordinal(), iris, weights = rep(1:2, 75))
  expect_equal(sum(calibration_bins(weighted, outcome = "virginica")$data$weight), 225)
})

test_that("fits from afar are judged by rows at hand", {
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  write.csv(mtcars, file, row.names = FALSE)
  far <- glmpp(am ~ hp, binomial, csv_chunks(file, rows = 10))
  expect_equal(roc_points(far, newdata = mtcars)$auc, roc_points(fit)$auc)
  expect_equal(roc_points(far, mtcars)$interval, roc_points(fit)$interval)
  expect_equal(calibration_bins(far, mtcars, bins = 4)$data, calibration_bins(fit, bins = 4)$data, tolerance = 1e-6)
  expect_equal(threshold_table(far, mtcars, 0.4)$data, threshold_table(fit, thresholds = 0.4)$data)
  for (make in list(roc_points, calibration_bins, threshold_table)) expect_error(make(far), "newdata", class = "glmpp_error_rows")
})
