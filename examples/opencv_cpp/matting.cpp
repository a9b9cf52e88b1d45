// Cuts a person out of a photo with a frozen graph, in OpenCV alone.
//
//   python export.py --format pb --output model.pb
//   matting model.pb photo.jpg matte.png composite.png [--external] [--show]
//
// model.pbtxt must lie beside model.pb. --external runs a graph that was exported with
// --preprocessing external from LFM: the pixels are normalised here and its three outputs blended
// here, as the first LFM client did.

#include <cstring>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <opencv2/dnn.hpp>
#include <opencv2/highgui.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace {

const cv::Scalar kLfmMean(127.156207, 115.917443, 106.031127);  // RGB
const cv::Scalar kBackground(90, 160, 60);                      // BGR

std::string TextGraphOf(const std::string& graph) {
  return graph.substr(0, graph.rfind('.')) + ".pbtxt";
}

// The placeholder's height and width, from the text graph.
cv::Size InputSize(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const std::string graph = text.str();
  const size_t start = graph.find("op: \"Placeholder\"");
  if (start == std::string::npos) throw std::runtime_error("no input in " + path);
  const std::string placeholder = graph.substr(start, graph.find("\n}", start) - start);
  const std::regex pattern("size: ([0-9]+)");
  std::vector<int> sides;
  for (std::sregex_iterator match(placeholder.begin(), placeholder.end(), pattern), end;
       match != end; ++match) {
    sides.push_back(std::stoi((*match)[1]));
  }
  if (sides.size() != 4) throw std::runtime_error("no input of four sides in " + path);
  return cv::Size(sides[2], sides[1]);
}

// A [1, 1, H, W] blob as an H x W picture that shares its memory.
cv::Mat Plane(const cv::Mat& blob) {
  return cv::Mat(blob.size[2], blob.size[3], CV_32F, const_cast<float*>(blob.ptr<float>()));
}

// alpha at the network's size.
cv::Mat Predict(cv::dnn::Net& net, const cv::Mat& photo, cv::Size size, bool external) {
  if (!external) {
    net.setInput(cv::dnn::blobFromImage(photo, 1.0, size, cv::Scalar(), /*swapRB=*/true, false));
    return Plane(net.forward("alpha")).clone();
  }
  net.setInput(cv::dnn::blobFromImage(photo, 1.0, size, kLfmMean, /*swapRB=*/true, false));
  const std::vector<std::string> names = {"deFG_side_0_out/ResizeNearestNeighbor",
                                          "deBG_side_0_out/ResizeNearestNeighbor",
                                          "fusion_sigmoid_output/Sigmoid"};
  std::vector<cv::Mat> outputs;
  net.forward(outputs, names);
  const cv::Mat foreground = Plane(outputs[0]), background = Plane(outputs[1]);
  const cv::Mat weight = Plane(outputs[2]);
  return cv::Mat(foreground.mul(weight) + (1.0 - background).mul(1.0 - weight));
}

cv::Mat Compose(const cv::Mat& photo, const cv::Mat& alpha, const cv::Scalar& colour) {
  cv::Mat foreground, weight;
  photo.convertTo(foreground, CV_32FC3);
  cv::cvtColor(alpha, weight, cv::COLOR_GRAY2BGR);
  const cv::Mat background(photo.size(), CV_32FC3, colour);
  cv::Mat mixed = foreground.mul(weight) + background.mul(cv::Scalar::all(1.0) - weight);
  mixed.convertTo(mixed, CV_8UC3);
  return mixed;
}

int Run(int argc, char** argv) {
  std::vector<std::string> files;
  bool external = false, show = false;
  for (int index = 1; index < argc; ++index) {
    if (!std::strcmp(argv[index], "--external")) external = true;
    else if (!std::strcmp(argv[index], "--show")) show = true;
    else files.push_back(argv[index]);
  }
  if (files.size() != 4) {
    std::cerr << "usage: matting MODEL.pb PHOTO MATTE COMPOSITE [--external] [--show]\n";
    return 2;
  }
  const cv::Mat photo = cv::imread(files[1], cv::IMREAD_COLOR);
  if (photo.empty()) throw std::runtime_error("not a readable photo: " + files[1]);
  const std::string text = TextGraphOf(files[0]);
  const cv::Size size = InputSize(text);
  cv::dnn::Net net = cv::dnn::readNet(files[0], text);

  const int64_t start = cv::getTickCount();
  cv::Mat alpha = Predict(net, photo, size, external);
  const double seconds = (cv::getTickCount() - start) / cv::getTickFrequency();
  std::cout << "OpenCV " << CV_VERSION << ", " << size.height << "x" << size.width << ", "
            << seconds * 1000 << " ms\n";

  cv::resize(alpha, alpha, photo.size(), 0, 0, cv::INTER_CUBIC);
  alpha = cv::max(0.0, cv::min(1.0, alpha));
  cv::Mat matte = alpha;  // a TIFF keeps the floats, other formats hold bytes
  if (files[2].size() < 5 || files[2].substr(files[2].size() - 5) != ".tiff") {
    alpha.convertTo(matte, CV_8U, 255.0);
  }
  const cv::Mat composite = Compose(photo, alpha, kBackground);
  if (!cv::imwrite(files[2], matte) || !cv::imwrite(files[3], composite)) {
    throw std::runtime_error("cannot write " + files[2] + " or " + files[3]);
  }
  if (show) {
    cv::imshow("composite", composite);
    cv::waitKey();
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "matting: " << error.what() << "\n";
    return 2;
  }
}
